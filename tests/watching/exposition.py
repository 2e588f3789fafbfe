"""What is exposed, by name: the labels of each series, and its value."""

from collections.abc import Iterable

from prometheus_client.core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Series = dict[str, dict[Labels, float]]


def read_text(text: str) -> Series:
    return _series(text_string_to_metric_families(text))


def read_openmetrics(text: str) -> Series:
    return _series(openmetrics_families(text))


def value(series: Series, name: str, **labels: str) -> float:
    return series[name][frozenset(labels.items())]


def _series(families: Iterable[Metric]) -> Series:
    found: Series = {}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found
