"""Writes cases.json: what Jinja2 gives for the templates in templates.py.

    python3 -m venv /tmp/j2 && /tmp/j2/bin/pip install jinja2==3.1.6
    /tmp/j2/bin/python app/render/tests/jinja2/generate.py

The environment is Peering Manager's: sandboxed, no auto-escape, three filters replaced. Expected text comes from Jinja2
alone, never from this project's engine.
"""
import json
import os
import re

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from templates import CASES

assert jinja2.__version__ == "3.1.6"


def length(value):
    if isinstance(value, jinja2.Undefined):
        return 0
    return len(value)


def indent(value, n, chars=" ", reset=False):
    lines = value.splitlines(True)
    return "".join(chars * n + (line.lstrip(chars) if reset else line) for line in lines)


def run(template, context, trim, lstrip, templates):
    env = SandboxedEnvironment(
        loader=jinja2.DictLoader(templates), trim_blocks=trim, lstrip_blocks=lstrip
    )
    env.filters.update(length=length, len=length, count=length, indent=indent)
    try:
        return env.from_string(template).render(json.loads(json.dumps(context))), None
    except jinja2.TemplateSyntaxError as error:
        return None, ("syntax", str(error), error.lineno)
    except Exception as error:  # whatever it is, the template does not render
        return None, ("runtime", f"{type(error).__name__}: {error}", None)


def main():
    out, ids = [], set()
    for case in CASES:
        case_id, template, *rest = case
        options = rest[0] if rest else {}
        context = options.get("context", {})
        assert case_id not in ids, case_id
        ids.add(case_id)
        text, error = run(
            template, context, options.get("trim", False), options.get("lstrip", False), options.get("templates", {})
        )
        if text is not None and re.search(r" at 0x[0-9a-f]+", text):
            print(f"{case_id} is left out, it prints a memory address: {text[:80]}")
            continue
        row = {"id": case_id, "template": template, "context": context, "expected": text}
        for key in ("trim", "lstrip", "templates"):
            if options.get(key):
                row[key] = options[key]
        if error:
            row["error_kind"], row["message"] = error[0], error[1]
            if error[2]:
                row["line"] = error[2]
        out.append(row)
    target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.json")
    with open(target, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(row, ensure_ascii=True) for row in out) + "\n]\n")
    print(len(out), "cases")


main()
