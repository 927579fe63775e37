"""Writes cases.json: what Django's query sets give for the templates in templates.py, over ../golden/data.json.

    python3 -m venv /tmp/dj && /tmp/dj/bin/pip install django==5.2.* jinja2==3.1.6 "psycopg[binary]" django-netfields
    .ci/postgres /tmp/dj/bin/python app/render/tests/django/generate.py

The models are Peering Manager's as far as templates reach them: names, relations, text forms and default orders as the
reference says. Expected text comes from Django on PostgreSQL and Jinja2 alone, never from this project's engine.
"""
import json
import os
import re
import sys
import types
from urllib.parse import urlsplit

import django
import jinja2
from django.conf import settings
from jinja2.sandbox import SandboxedEnvironment

HERE = os.path.dirname(os.path.abspath(__file__))
CLUSTER = urlsplit(os.environ["PEERAGE_TEST_POSTGRES"])
assert jinja2.__version__ == "3.1.6" and django.VERSION[:2] == (5, 2)

APPS = ["bgp", "devices", "extras", "net", "peering"]
for name in APPS:
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [HERE]
settings.configure(
    INSTALLED_APPS=["netfields", *APPS],
    USE_TZ=True,
    TIME_ZONE="UTC",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": CLUSTER.path[1:], "USER": CLUSTER.username,
                           "HOST": CLUSTER.hostname, "PORT": CLUSTER.port}},
)
django.setup()

from django.db import connection, models, transaction  # noqa: E402
from netfields import CidrAddressField, InetAddressField, MACAddressField, NetManager  # noqa: E402

from templates import CASES  # noqa: E402


class Base(models.Model):
    created = models.DateTimeField(null=True)
    updated = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Organisational(Base):
    name = models.CharField(max_length=255)
    slug = models.SlugField(max_length=255, unique=True)
    description = models.TextField(default="")

    class Meta:
        abstract = True

    def __str__(self):
        return self.name


class Primary(Base):
    description = models.TextField(default="")
    comments = models.TextField(default="")

    class Meta:
        abstract = True


class Tag(models.Model):
    name = models.CharField(max_length=255)
    slug = models.SlugField(max_length=255)
    color = models.CharField(max_length=6)
    description = models.TextField(default="")

    class Meta:
        app_label = "extras"
        ordering = ["name"]

    def __str__(self):
        return self.name


def key(to, **options):
    return models.ForeignKey(to, on_delete=models.CASCADE, null=True, **options)


def many(to, **options):
    return models.ManyToManyField(to, **options)


def tags():
    return many("extras.Tag")


class Platform(Organisational):
    napalm_driver = models.TextField(default="")
    password_algorithm = models.TextField(default="")

    class Meta:
        app_label = "devices"
        ordering = ["name"]


class Community(Organisational):
    value = models.CharField(max_length=50)
    type = models.CharField(max_length=50, null=True)
    local_context_data = models.JSONField(null=True)
    tags = tags()

    class Meta:
        app_label = "bgp"
        ordering = ["value", "name"]


class Relationship(Organisational):
    color = models.CharField(max_length=6)

    class Meta:
        app_label = "bgp"
        ordering = ["name"]


class BFD(Organisational):
    minimum_transmit_interval = models.IntegerField()
    minimum_receive_interval = models.IntegerField()
    detection_multiplier = models.IntegerField()
    hold_time = models.IntegerField()

    class Meta:
        app_label = "net"


class RoutingPolicy(Organisational):
    type = models.CharField(max_length=50)
    weight = models.IntegerField()
    address_family = models.IntegerField()
    communities = many("bgp.Community")
    local_context_data = models.JSONField(null=True)

    class Meta:
        app_label = "peering"
        ordering = ["-weight", "name"]


class Policied(models.Model):
    import_routing_policies = many("peering.RoutingPolicy", related_name="%(class)s_import_routing_policies")
    export_routing_policies = many("peering.RoutingPolicy", related_name="%(class)s_export_routing_policies")
    communities = many("bgp.Community")
    local_context_data = models.JSONField(null=True)
    tags = tags()

    class Meta:
        abstract = True


class AutonomousSystem(Primary, Policied):
    asn = models.BigIntegerField()
    name = models.CharField(max_length=255)
    irr_as_set = models.CharField(max_length=255, null=True)
    ipv6_max_prefixes = models.IntegerField(null=True)
    ipv4_max_prefixes = models.IntegerField(null=True)
    affiliated = models.BooleanField()

    class Meta:
        app_label = "peering"
        ordering = ["asn", "affiliated"]

    def __str__(self):
        return f"AS{self.asn} - {self.name}"


class BGPGroup(Organisational, Policied):
    status = models.CharField(max_length=50)

    class Meta:
        app_label = "peering"
        ordering = ["name", "slug"]


class InternetExchange(Organisational, Policied):
    status = models.CharField(max_length=50)
    local_autonomous_system = key("peering.AutonomousSystem")

    class Meta:
        app_label = "peering"
        ordering = ["local_autonomous_system", "name", "slug"]


class Router(Primary):
    name = models.CharField(max_length=255)
    hostname = models.CharField(max_length=255)
    status = models.CharField(max_length=50)
    platform = key("devices.Platform")
    local_autonomous_system = key("peering.AutonomousSystem")
    communities = many("bgp.Community")
    local_context_data = models.JSONField(null=True)
    tags = tags()

    class Meta:
        app_label = "devices"
        ordering = ["local_autonomous_system", "name"]

    def __str__(self):
        return self.name


class Connection(Primary):
    status = models.CharField(max_length=50)
    vlan = models.IntegerField(null=True)
    mac_address = MACAddressField(null=True)
    ipv6_address = InetAddressField(null=True, store_prefix_length=True)
    ipv4_address = InetAddressField(null=True, store_prefix_length=True)
    internet_exchange_point = key("peering.InternetExchange")
    router = key("devices.Router")
    interface = models.CharField(max_length=200, default="")
    local_context_data = models.JSONField(null=True)
    tags = tags()
    objects = NetManager()

    class Meta:
        app_label = "net"
        ordering = ["internet_exchange_point", "router"]

    def __str__(self):
        parts = [str(self.internet_exchange_point)] if self.internet_exchange_point else []
        if self.router:
            parts += [f"on {self.router}"]
            parts += [self.interface] if self.interface else []
        return " ".join(parts) or f"Connection #{self.pk}"


class Session(Primary, Policied):
    service_reference = models.CharField(max_length=255, null=True)
    autonomous_system = key("peering.AutonomousSystem")
    status = models.CharField(max_length=50)
    password = models.CharField(max_length=255, null=True)
    multihop_ttl = models.IntegerField()
    passive = models.BooleanField()
    bfd = key("net.BFD")
    bgp_state = models.CharField(max_length=50, null=True)
    received_prefix_count = models.IntegerField()
    accepted_prefix_count = models.IntegerField()
    advertised_prefix_count = models.IntegerField()
    last_established_state = models.DateTimeField(null=True)
    objects = NetManager()

    class Meta:
        abstract = True


class InternetExchangePeeringSession(Session):
    ixp_connection = key("net.Connection")
    ip_address = InetAddressField(store_prefix_length=False)
    is_route_server = models.BooleanField()

    class Meta:
        app_label = "peering"
        ordering = ["service_reference", "autonomous_system", "ixp_connection", "ip_address"]

    def __str__(self):
        at = self.ixp_connection and self.ixp_connection.internet_exchange_point
        return (f"{at} - " if at else "") + f"AS{self.autonomous_system.asn} - IP {self.ip_address}"


class DirectPeeringSession(Session):
    local_autonomous_system = key("peering.AutonomousSystem", related_name="directpeeringsession_local_autonomous_system")
    local_ip_address = InetAddressField(null=True, store_prefix_length=True)
    ip_address = InetAddressField(store_prefix_length=True)
    bgp_group = key("peering.BGPGroup")
    relationship = key("bgp.Relationship")
    router = key("devices.Router")
    connection = key("net.Connection")

    class Meta:
        app_label = "peering"
        ordering = ["service_reference", "local_autonomous_system", "autonomous_system", "ip_address"]

    def __str__(self):
        return f"{self.relationship} - AS{self.autonomous_system.asn} - IP {self.ip_address}"


# parents first
TABLES = [
    ("extras/tags", Tag), ("devices/platforms", Platform), ("bgp/communities", Community),
    ("bgp/relationships", Relationship), ("net/bfd", BFD), ("peering/routing-policies", RoutingPolicy),
    ("peering/autonomous-systems", AutonomousSystem), ("peering/bgp-groups", BGPGroup),
    ("peering/internet-exchanges", InternetExchange), ("devices/routers", Router), ("net/connections", Connection),
    ("peering/internet-exchange-peering-sessions", InternetExchangePeeringSession),
    ("peering/direct-peering-sessions", DirectPeeringSession),
]


def load():
    data = json.load(open(os.path.join(HERE, "../golden/data.json"), encoding="utf-8"))
    with connection.schema_editor() as editor:
        for _, model in TABLES:
            editor.create_model(model)
    for place, model in TABLES:
        names = {field.name for field in model._meta.fields}
        lists = {field.name for field in model._meta.many_to_many}
        references = {field.name for field in model._meta.fields if field.is_relation}
        for row in data[place]["rows"]:
            values = dict(zip(data[place]["fields"], row))
            plain = {
                (name + "_id" if name in references else name): value
                for name, value in values.items() if name in names and value is not None
            }
            if "created" in names and "created" not in plain:
                plain["created"] = plain["updated"] = "2026-01-01T00:00:00Z"
            record = model.objects.create(**plain)
            for name in lists & set(values):
                getattr(record, name).set(values[name])


def length(value):
    return 0 if isinstance(value, jinja2.Undefined) else len(value)


def run(template, values):
    env = SandboxedEnvironment()
    env.filters.update(length=length, len=length, count=length)
    try:
        return env.from_string(template).render(values), None
    except jinja2.TemplateSyntaxError as error:
        return None, ("syntax", str(error))
    except Exception as error:  # whatever it is, the template does not render
        return None, ("runtime", f"{type(error).__name__}: {error}")


def main():
    load()
    models_by_key = {f"{model._meta.app_label}.{model._meta.model_name}": model for _, model in TABLES}
    out, ids = [], set()
    for case_id, dataset, template in CASES:
        assert case_id not in ids, case_id
        ids.add(case_id)
        # what the database refuses ends a transaction, and some templates would change something
        with transaction.atomic():
            text, error = run(template, {"dataset": models_by_key[dataset].objects.all()})
            transaction.set_rollback(True)
        if text is not None and re.search(r" at 0x[0-9a-f]+", text):
            print(f"{case_id} is left out, it prints a memory address: {text[:80]}")
            continue
        row = {"id": case_id, "dataset": dataset, "template": template, "expected": text}
        if error:
            row["error_kind"], row["message"] = error
        out.append(row)
    with open(os.path.join(HERE, "cases.json"), "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(row, ensure_ascii=True) for row in out) + "\n]\n")
    print(len(out), "cases,", sum("error_kind" in row for row in out), "errors")


main()
