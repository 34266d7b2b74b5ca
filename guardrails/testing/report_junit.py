"""What became of policy tests as JUnit XML, for build servers. Pure.

The form that Jenkins and GitLab read: https://github.com/testmoapp/junitxml
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from guardrails.testing.report_text import explain
from guardrails.testing.results import Result, Trial, counts

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(results: Sequence[Result]) -> str:
    """Give one ``testcase`` a case, and one ``error`` a file that could not be tried."""
    root = Element("testsuites", _numbers(results))
    for result in results:
        _add_suite(root, result)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _add_suite(root: Element, result: Result) -> None:
    suite = SubElement(root, "testsuite", {"name": _clean(result.file)} | _numbers([result]))
    for trial in result.trials:
        _add_case(suite, result.file, trial)
    if result.broken:
        case = SubElement(suite, "testcase", {"name": result.broken, "classname": result.file})
        error = SubElement(case, "error", {"message": f"the {result.broken} is wrong"})
        error.text = _clean("\n".join(str(problem) for problem in result.problems))


def _add_case(suite: Element, file: str, trial: Trial) -> None:
    case = SubElement(
        suite,
        "testcase",
        {
            "name": _clean(trial.case.name),
            "classname": _clean(file),
            "file": _clean(file),
            "line": str(trial.case.place.line),
            "time": f"{trial.milliseconds / 1000:.6f}",
        },
    )
    if trial.skipped:
        SubElement(case, "skipped", {"message": trial.skipped})
    if trial.mismatches:
        failure = SubElement(case, "failure", {"message": _clean(trial.mismatches[0].message)})
        lines = [line for one in trial.mismatches for line in explain(one)]
        failure.text = _clean("\n".join(lines))


def _numbers(results: Sequence[Result]) -> dict[str, str]:
    counted = counts(results)
    errors = sum(result.broken is not None for result in results)
    return {
        "tests": str(sum(counted.values()) + errors),
        "failures": str(counted["failed"]),
        "errors": str(errors),
        "skipped": str(counted["skipped"]),
    }


def _clean(text: str) -> str:
    """XML 1.0 has no way to write some characters: they are written as in Python."""
    return _NOT_XML.sub(lambda found: repr(found[0])[1:-1], text)
