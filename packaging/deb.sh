#!/bin/sh
# Builds dist/store-agent_VERSION_ARCHITECTURE.deb from the commit that is checked out, for this machine's Debian.
# The same commit gives the same bytes.
#
#     packaging/deb.sh TOOLS [VERSION]
#
# TOOLS is the directory with the project's own tools (make deb: .venv/bin). VERSION is for trying upgrades: the same
# program, but under another version.
set -eu
cd "$(dirname "$0")/.."

missing=
for package in debhelper dpkg-dev git lowdown python3; do
    [ "$(dpkg-query --show --showformat '${db:Status-Status}' $package 2>/dev/null)" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
    echo "The package cannot be built: Debian packages are missing. Install them with: apt-get install$missing" >&2
    exit 69
fi

STORE_AGENT_TOOLS=$(realpath --no-symlinks "$1")
UV_CACHE_DIR=$("$STORE_AGENT_TOOLS/uv" cache dir)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export STORE_AGENT_TOOLS UV_CACHE_DIR SOURCE_DATE_EPOCH
version=${2:-$(git show HEAD:pyproject.toml | sed -n 's/^version = "\(.*\)"$/\1/p')}

rm -rf build/deb
tree=build/deb/store-agent-$version
mkdir -p "$tree" dist
git archive HEAD | tar -x -C "$tree"
mv "$tree/packaging/debian" "$tree/debian"
sed -i "s/^version = .*/version = \"$version\"/" "$tree/pyproject.toml"
sed -i "s/^__version__ = .*/__version__ = \"$version\"/" "$tree/store_agent/__init__.py"
cat > "$tree/debian/changelog" <<END
store-agent ($version) stable; urgency=medium

  * CHANGELOG.md tells what is new.

 -- The store-agent developers <packages@store-agent.dev>  $(date --utc -R -d "@$SOURCE_DATE_EPOCH")
END
(cd "$tree" && dpkg-buildpackage --build=binary --no-sign)
mv build/deb/*.deb dist/
