"""Writes cases.json: what Jinja2 gives for the templates in templates.py.

    python3 -m venv /tmp/j2 && /tmp/j2/bin/pip install jinja2==3.1.6 pyyaml netaddr
    /tmp/j2/bin/python app/render/tests/jinja2/generate.py

The environment is Peering Manager's: sandboxed, no auto-escape, its filters on plain values as the reference describes them.
Expected text comes from Jinja2, Python and its libraries, never from this project's engine.
"""
import ipaddress
import json
import os
import re
import unicodedata

import jinja2
import netaddr
import yaml
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


def address_of(value, *kinds):
    for kind in kinds:
        try:
            return kind(value)
        except ValueError:
            pass


def ip(value):
    return [ip(item) for item in value] if isinstance(value, list) else str(ipaddress.ip_interface(value).ip)


def mac(value, format=""):
    dialect = {"cisco": netaddr.mac_cisco, "bare": netaddr.mac_bare}.get(format, netaddr.mac_unix_expanded)
    return str(netaddr.EUI(value, dialect=dialect)).lower()


def strip_irr_sources(value):
    sources = "RPKI RIPE ARIN APNIC AFRINIC LACNIC RIPE-NONAUTH RADB ALTDB NTTCOM LEVEL3 TC".split()
    sets = []
    for word in re.split(r"[/,&\s]", value):
        word = re.sub("^(" + "|".join(sorted(sources, key=len, reverse=True)) + "):+", "", word)
        word = re.sub("^ipv[46]:", "", word)
        sets += [word] if word and word not in sets else []
    return sets or ["AS0"]


def unique_items(value, field):
    kept = {}
    for item in value:
        if hasattr(item, field):
            kept.setdefault(getattr(item, field), item)
    return list(kept.values())


def password(value):
    return value[2:] if value.startswith("7 ") else value


FILTERS = {
    "length": length, "len": length, "count": length, "indent": indent, "ip": ip, "mac": mac, "unique_items": unique_items,
    "strip_irr_sources": strip_irr_sources, "arista_password": password, "cisco_password": password,
    "safe_string": lambda value: unicodedata.normalize("NFKD", value).encode("ASCII", "ignore").decode(),
    "quote": lambda value, char='"': f"{char}{value}{char}" if value else "",
    "ipv4": lambda value: address_of(value, ipaddress.IPv4Address, ipaddress.IPv4Interface),
    "ipv6": lambda value: address_of(value, ipaddress.IPv6Address, ipaddress.IPv6Interface),
    "filter": lambda value, **wanted: [item for item in value if all(getattr(item, k, object) == v for k, v in wanted.items())],
    "iterate": lambda value, field: (getattr(item, field, None) for item in value),
    "as_json": lambda value, indent=4, sort_keys=True: json.dumps(value, indent=indent, sort_keys=sort_keys),
    "as_yaml": lambda value, indent=2, sort_keys=True: yaml.dump(value, indent=indent, sort_keys=sort_keys),
}


def run(template, context, trim, lstrip, templates):
    env = SandboxedEnvironment(
        loader=jinja2.DictLoader(templates), trim_blocks=trim, lstrip_blocks=lstrip
    )
    env.filters.update(FILTERS)
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
