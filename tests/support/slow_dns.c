/* A resolver that never answers for names that contain "hangs"; preload it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    look_up *real = (look_up *)dlsym(RTLD_NEXT, "getaddrinfo");
    if (node != NULL && strstr(node, "hangs") != NULL)
        sleep(3600);
    return real(node, service, hints, found);
}
