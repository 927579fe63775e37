"""What one may ask of a query set, a condition or an expression a line; `templates.py` makes cases of them."""

OPERATIONS = r"""
dataset.aggregate()
dataset.filter(asn=64496)|length
dataset.filter(asn=64496).get()
dataset.get(asn=64496)
dataset.get(asn=1)
dataset.get(affiliated=true)
dataset.get()
dataset.get(pk=3).name
dataset.first()
dataset.last()
dataset.order_by('-asn').first()
dataset.order_by('name').last()
dataset.order_by('name','-asn')[:3]
dataset.order_by()|length
dataset.order_by('nope')
dataset.order_by('-nope')
dataset.order_by('router__name')[:2]
dataset.order_by('tags__name').first()
dataset.reverse()[:2]
dataset.reverse().reverse()[:2]
dataset.order_by('name').reverse()[0]
dataset.filter(affiliated=true)|first
dataset.filter(affiliated=true)|last
dataset[0]
dataset[:2]
dataset[1:3]
dataset[::2]|length
dataset[1:10:3]
dataset[-1]
dataset[:-1]
dataset[1000]
dataset[1000:]
dataset['a']
dataset[0:0]
dataset[0].asn
dataset.0.asn
dataset.count()
dataset.count
dataset.exists()
dataset.none()
dataset.none()|length
dataset.none().first()
dataset.none()[0]
dataset.filter(affiliated=true).exists()
dataset.filter(asn=1).exists()
dataset.contains(dataset[0])
dataset.none().contains(dataset[0])
dataset.contains(5)
dataset[0] in dataset
5 in dataset
dataset[0] == dataset[0]
dataset[0] == dataset[1]
dataset[0] == dataset[0].pk
dataset[0] != dataset[1]
dataset[0] < dataset[1]
dataset == dataset
dataset.filter(asn=1) == []
dataset.all()|length
dataset.all().all().count()
dataset.distinct().count()
dataset.filter(tags__isnull=false).count()
dataset.filter(tags__isnull=false).distinct().count()
dataset.filter(asn=64496).filter(affiliated=false)
dataset.filter(asn=64496).exclude(affiliated=false)
dataset.filter(asn=64496) | list
dataset.filter(asn=64496).union(dataset.filter(asn=64497))
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).count()
dataset.filter(asn=64496).union(dataset.filter(asn=64496)).count()
dataset.filter(asn=64496).union(dataset.filter(asn=64496), all=true).count()
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).order_by('-asn')
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).filter(asn=1)
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).exclude(asn=1)
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).get(asn=1)
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).distinct()
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).first()
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).last()
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).exists()
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).all()
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).values_list('asn',flat=true)
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).values('asn')
dataset.filter(asn=64496).union(dataset.filter(asn=64497))[0]
dataset.filter(asn=64496).union(dataset.filter(asn=64497))[:1]
dataset.filter(asn=64496).union(dataset.filter(asn=64497)).reverse()
dataset.filter(asn__lt=64498).intersection(dataset.filter(asn__gt=64496))
dataset.filter(asn__lt=64498).difference(dataset.filter(asn__gt=64496))
dataset.filter(asn=64496) & dataset.filter(asn=64497)
dataset.filter(asn__in=dataset.filter(affiliated=true).values_list('asn',flat=true))
dataset.filter(pk__in=dataset.filter(affiliated=true))
dataset.in_bulk([3,4])
dataset.in_bulk()|length
dataset.in_bulk([])
dataset.iterator()|list|length
dataset.ordered
dataset.order_by().ordered
dataset.db
dataset.earliest('asn')
dataset.latest('asn')
dataset.earliest()
dataset.values_list('asn',flat=true)[:2]
dataset.values_list('asn')[:2]
dataset.values_list('asn','router__name')[:2]
dataset.values('asn')[:2]
dataset.values('nope')
dataset.values_list('asn',flat=true)|sort(reverse=true)|first
dataset.only('asn')|length
dataset.defer('asn')|length
dataset.select_related('tags')|length
dataset.prefetch_related('tags')|length
dataset.prefetch_related('nope')|length
dataset.using('default')|length
dataset.create(asn=1)
dataset.update(asn=1)
dataset.delete()
dataset.bulk_create([])
dataset[0].delete()
dataset[0].save()
dataset.nope
dataset.nope()
dataset._meta
dataset.objects
dataset[0].objects
dataset[0]._meta
dataset[0]._state
dataset[0].nope
dataset[0].nope.x
dataset[0].pk
dataset[0].tags
dataset[0].tags|length
dataset[0].tags|list
dataset[0].tags.all()
dataset[0].tags.count()
dataset[0].tags.exists()
dataset[0].tags.first()
dataset[0].tags.filter(name='Core')
dataset[0].tags.values_list('name',flat=true)
dataset[0].tags.add(1)
dataset[0].tags.set([])
dataset[0].tags.clear()
dataset[0].tags.create(name='x')
dataset[0].tags is defined
dataset[0].communities is iterable
dataset[0].communities|first
dataset[0].communities|join
dataset[0] in dataset[0].communities
dataset[0].router_set.all()
dataset[0].directpeeringsession_set.count()
dataset[0].internetexchangepeeringsession_set.count()
dataset|map(attribute='asn')|list|first
dataset|map(attribute='tags')|list|length
dataset|selectattr('affiliated')|list
dataset|rejectattr('affiliated')|list|length
dataset|sort(attribute='name')|first
dataset|sort
dataset|groupby('affiliated')|map('first')|list
dataset|join(',')|length
dataset|first
dataset|last
dataset|max(attribute='asn')
dataset|min(attribute='asn')
dataset|sum(attribute='asn')
dataset|list|length
dataset|unique(attribute='affiliated')|list|length
dataset|batch(10)|list|length
dataset|slice(3)|map('length')|list
dataset|reverse|first
dataset|string|length
dataset|tojson
dataset|pprint|length
dataset is iterable
dataset is sequence
dataset is mapping
dataset is string
dataset is callable
dataset is defined
dataset ~ ''
dataset + dataset
dataset|e
dataset|length > 5
dataset and 'y'
dataset.none() and 'y'
not dataset.none()
dataset.filter(asn__gt=64496,asn__lt=64499)|map(attribute='asn')|join(',')
dataset.filter(asn__gt=64496).filter(asn__lt=64499)|map(attribute='asn')|join(',')
dataset.filter()|length
dataset.exclude()|length
dataset.filter(1)
dataset.filter('asn')
dataset.exclude(nope=1)
dataset.filter(asn=nope)
dataset.aggregate()
dataset.exclude(tags__slug='core').count()
dataset.exclude(communities__value__startswith='64500').count()
dataset.exclude(tags__isnull=true).count()
dataset.filter(tags__slug__in=['core','edge','gold']).count()
dataset.filter(tags__slug='core',tags__name='Edge').count()
dataset.filter(tags__slug='core').filter(tags__name='Edge').count()
dataset.values_list('tags__slug',flat=true)|list|length
dataset.values_list('pk','tags')|list|length
dataset.order_by('tags__slug','asn').values_list('asn',flat=true)|list|length
dataset[0].created
dataset[0].created.year
dataset[0].created.month
dataset[0].created.date()
dataset[0].created.time()
dataset[0].created.isoformat()
dataset[0].created.strftime('%Y/%m/%d %H:%M')
dataset[0].created.strftime('%A %B %j %U %a %b %y %p %I %f %z %Z %% %d %-d %e %c %x %X %s %G %V %u %w')
dataset[0].created.timestamp()
dataset[0].created.weekday()
dataset[0].created.isoweekday()
dataset[0].created.isocalendar()
dataset[0].created.ctime()
dataset[0].created.hour
dataset[0].created.minute
dataset[0].created.second
dataset[0].created.microsecond
dataset[0].created.tzinfo
dataset[0].created.tzname()
dataset[0].created.utcoffset()
dataset[0].created.toordinal()
dataset[0].created.timetuple()
dataset[0].created.date().year
dataset[0].created.date().isoformat()
dataset[0].created.date().strftime('%d')
dataset[0].created.date() == dataset[1].created.date()
dataset[0].created == dataset[1].created
dataset[0].created < dataset[1].created
dataset[0].created - dataset[1].created
(dataset[0].created - dataset[1].created).days
(dataset[0].created - dataset[1].created).total_seconds()
dataset[0].created|string
[dataset[0].created]
[dataset[0].created.date()]
dataset[0].created|tojson
dataset[0].created is string
'{:%Y}'.format(dataset[0].created)
'%s' % dataset[0].created
dataset[0].created ~ ''
dataset[0].created.isoformat(' ')
dataset[0].created.isoformat(timespec='seconds')
dataset[0].created.date().weekday()
dataset[0].created.time().hour
dataset[0].created.astimezone()
dataset[0].created.fold
dataset[0].created.nope
[dataset[0].created.date(), dataset[0].created.date() < dataset[1].created.date(), '{:%d.%m.}'.format(dataset[0].created.date())]
"""

CONDITIONS = {
    "AS": r"""
name='Arbor Networks 0'
name=none
name__isnull=true
irr_as_set__isnull=true
irr_as_set__isnull=false
irr_as_set=none
irr_as_set__isnull=1
irr_as_set__isnull='x'
asn__in=[64496,64497]
asn__in=(64496,)
asn__in=[]
asn__in='64496'
asn__in=['64496']
asn__in=[none]
asn__in=5
asn__range=(64496,64498)
asn__range=[64498,64496]
asn__range=5
affiliated=true
affiliated=false
affiliated='true'
affiliated=1
affiliated=0
affiliated__in=[true]
pk=3
id=3
id__in=[3,4]
pk__in=[3]
pk__gt=50
id__lt=5
nope=1
name__nope='x'
name__nope__x=1
asn__gt='x'
asn='x'
asn=1.5
asn=64496.0
asn=true
asn=none
created__year=2026
created__month=1
created__day=1
created__date='2026-01-01'
created__gte='2026-01-01T00:00:00Z'
created__hour=0
created__week_day=5
created__year__gte=2026
tags__name='Core'
tags__slug='core'
tags__slug__in=['core','edge']
tags__isnull=true
tags=1
tags__in=[1,2]
communities__value__startswith='64500'
directpeeringsession__status='enabled'
directpeeringsession__isnull=true
directpeeringsession__router__name='par01-edge'
internetexchangepeeringsession__ixp_connection__router__name='par01-edge'
import_routing_policies__weight__gt=10
import_routing_policies__isnull=false
router__name='par01-edge'
internetexchange__slug='northport-ix'
local_context_data__isnull=false
local_context_data__mtu=9000
local_context_data__has_key='mtu'
local_context_data__a__b=1
local_context_data={}
local_context_data=none
name__length=5
ipv6_max_prefixes__isnull=true,ipv4_max_prefixes__gt=100
asn__gt=none
name__contains=none
name__startswith=''
name__in=['Arbor Networks 0','x']
name__in='Arbor'
name__iexact=none
description=''
ipv4_max_prefixes=0
ipv4_max_prefixes=none
ipv4_max_prefixes__in=[none,0]
ipv4_max_prefixes__gt=0
name__regex='^A'
name__regex='['
name__iregex='^a.*0$'
asn__regex='^645'
created__isnull=false
created__in=['2026-01-01T00:00:00Z']
asn__contains=450
asn__startswith=645
asn__endswith='00'
affiliated__gt=false
name=5
name=true
name__exact='Arbor'
name__exact='arbor networks 0'
name__exact='%'
irr_as_set__exact='AS'
asn__exact='645'
name__exact=5
asn__exact=64500
name__iexact='Arbor'
name__iexact='arbor networks 0'
name__iexact='%'
irr_as_set__iexact='AS'
asn__iexact='645'
name__contains='Arbor'
name__contains='arbor networks 0'
name__contains='%'
irr_as_set__contains='AS'
asn__contains='645'
name__contains=5
asn__contains=64500
name__icontains='Arbor'
name__icontains='arbor networks 0'
name__icontains='%'
irr_as_set__icontains='AS'
asn__icontains='645'
name__icontains=5
asn__icontains=64500
name__startswith='Arbor'
name__startswith='arbor networks 0'
name__startswith='%'
irr_as_set__startswith='AS'
asn__startswith='645'
name__startswith=5
asn__startswith=64500
name__istartswith='Arbor'
name__istartswith='arbor networks 0'
name__istartswith='%'
irr_as_set__istartswith='AS'
asn__istartswith='645'
name__istartswith=5
asn__istartswith=64500
name__endswith='Arbor'
name__endswith='arbor networks 0'
name__endswith='%'
irr_as_set__endswith='AS'
asn__endswith='645'
name__endswith=5
asn__endswith=64500
name__iendswith='Arbor'
name__iendswith='arbor networks 0'
name__iendswith='%'
irr_as_set__iendswith='AS'
asn__iendswith='645'
name__iendswith=5
asn__iendswith=64500
name__regex='Arbor'
name__regex='arbor networks 0'
name__regex='%'
irr_as_set__regex='AS'
asn__regex='645'
name__iregex='Arbor'
name__iregex='arbor networks 0'
name__iregex='%'
irr_as_set__iregex='AS'
asn__iregex='645'
name__gt='Arbor'
name__gt='arbor networks 0'
name__gt='%'
irr_as_set__gt='AS'
asn__gt='645'
name__gt=5
asn__gt=64500
name__gte='Arbor'
name__gte='arbor networks 0'
name__gte='%'
irr_as_set__gte='AS'
asn__gte='645'
name__gte=5
asn__gte=64500
name__lt='Arbor'
name__lt='arbor networks 0'
name__lt='%'
irr_as_set__lt='AS'
asn__lt='645'
name__lt=5
asn__lt=64500
name__lte='Arbor'
name__lte='arbor networks 0'
name__lte='%'
irr_as_set__lte='AS'
asn__lte='645'
name__lte=5
asn__lte=64500
""",
    "IX": r"""
autonomous_system__asn=1000128
autonomous_system__asn__in=[1000128,1000142]
autonomous_system=dataset[0].autonomous_system
autonomous_system=dataset[0].autonomous_system.pk
autonomous_system_id=10
autonomous_system__id=10
autonomous_system__pk=10
autonomous_system__in=[10,11]
autonomous_system__isnull=true
autonomous_system__name__icontains='net'
autonomous_system='x'
autonomous_system=none
autonomous_system__nope=1
autonomous_system__asn__nope=1
ixp_connection__internet_exchange_point__slug='northport-ix'
ixp_connection__internet_exchange_point__name__istartswith='NORTH'
ixp_connection__router__hostname__contains='par'
ixp_connection__router=1
ixp_connection__internet_exchange_point__local_autonomous_system__asn=1000001
ixp_connection__vlan__isnull=true
ip_address='198.18.8.27'
ip_address__family=4
ip_address__family=6
ip_address__family__in=[4,6]
ip_address__host='198.18.8.27'
ip_address__net_contained='198.18.8.0/24'
ip_address__net_contained_or_equal='198.18.8.27/32'
ip_address__net_contains='198.18.8.27'
ip_address__net_overlaps='198.18.8.0/21'
ip_address__in=['198.18.8.27']
ip_address__gt='198.18.8.27'
ip_address__startswith='198.18.8.2'
ip_address__contains='198'
ip_address__prefixlen=32
ip_address='x'
is_route_server=true
is_route_server=false
status='enabled'
status__in=['enabled','disabled']
status__exact='enabled'
bgp_state__isnull=true
bgp_state='established'
last_established_state__isnull=false
last_established_state__gt='2020-01-01'
password__isnull=false
password=''
received_prefix_count__gt=10
received_prefix_count__range=(1,100)
import_routing_policies__name__contains='a'
export_routing_policies=1
communities__type='ingress'
tags__name__in=['Core']
bfd__isnull=true
bfd__hold_time__gt=0
multihop_ttl=1
passive=false
service_reference__isnull=true
autonomous_system__tags__slug='gold'
autonomous_system__import_routing_policies__weight__gte=0
autonomous_system__affiliated=false,status='enabled'
enabled=true
ip_address__isnull=false
ixp_connection__ipv4_address__isnull=false
ixp_connection=none
ixp_connection__isnull=false
router=1
service_reference__exact='x'
ip_address__exact='198.18.8.27'
received_prefix_count__exact=10
service_reference__iexact='x'
service_reference__contains='x'
ip_address__contains='198.18.8.27'
received_prefix_count__contains=10
service_reference__icontains='x'
ip_address__icontains='198.18.8.27'
received_prefix_count__icontains=10
service_reference__startswith='x'
ip_address__startswith='198.18.8.27'
received_prefix_count__startswith=10
service_reference__istartswith='x'
ip_address__istartswith='198.18.8.27'
received_prefix_count__istartswith=10
service_reference__endswith='x'
ip_address__endswith='198.18.8.27'
received_prefix_count__endswith=10
service_reference__iendswith='x'
ip_address__iendswith='198.18.8.27'
received_prefix_count__iendswith=10
service_reference__regex='x'
ip_address__regex='198.18.8.27'
service_reference__iregex='x'
ip_address__iregex='198.18.8.27'
service_reference__gt='x'
ip_address__gt='198.18.8.27'
received_prefix_count__gt=10
service_reference__gte='x'
ip_address__gte='198.18.8.27'
received_prefix_count__gte=10
service_reference__lt='x'
ip_address__lt='198.18.8.27'
received_prefix_count__lt=10
service_reference__lte='x'
ip_address__lte='198.18.8.27'
received_prefix_count__lte=10
""",
    "DIRECT": r"""
router__name='par01-edge'
bgp_group__slug='transit'
bgp_group__isnull=true
bgp_group=none
bgp_group=1
relationship__name__icontains='tran'
relationship__slug='transit-provider'
local_autonomous_system__asn=64500
ip_address__family=4
ip_address__family=6
local_ip_address__isnull=true
ip_address='203.0.113.2/30'
ip_address__net_contained='203.0.113.0/24'
ip_address__host='203.0.113.2'
ip_address__net_mask=30
multihop_ttl__gt=1
passive=true
connection__isnull=true
bgp_group__name__in=['Transit']
bgp_group__import_routing_policies__isnull=false
router__platform__napalm_driver='junos'
router__platform__isnull=true
autonomous_system__directpeeringsession__router=1
""",
    "CONNECTION": r"""
ipv4_address__isnull=false
ipv6_address__isnull=true
vlan__isnull=true
vlan=0
mac_address__isnull=false
router__isnull=true
internet_exchange_point__name='Northport-IX'
internetexchangepeeringsession__isnull=false
internetexchangepeeringsession__autonomous_system__asn=1000128
status='enabled'
interface=''
ipv4_address__family=4
ipv4_address__net_contained='198.18.0.0/15'
ipv4_address__prefixlen=21
mac_address='00:1b:77:49:54:fd'
interface__exact='xe'
mac_address__exact='00:1b'
vlan__exact=100
interface__iexact='xe'
mac_address__iexact='00:1b'
interface__contains='xe'
mac_address__contains='00:1b'
vlan__contains=100
interface__icontains='xe'
mac_address__icontains='00:1b'
vlan__icontains=100
interface__startswith='xe'
mac_address__startswith='00:1b'
vlan__startswith=100
interface__istartswith='xe'
mac_address__istartswith='00:1b'
vlan__istartswith=100
interface__endswith='xe'
mac_address__endswith='00:1b'
vlan__endswith=100
interface__iendswith='xe'
mac_address__iendswith='00:1b'
vlan__iendswith=100
interface__regex='xe'
mac_address__regex='00:1b'
interface__iregex='xe'
mac_address__iregex='00:1b'
interface__gt='xe'
mac_address__gt='00:1b'
vlan__gt=100
interface__gte='xe'
mac_address__gte='00:1b'
vlan__gte=100
interface__lt='xe'
mac_address__lt='00:1b'
vlan__lt=100
interface__lte='xe'
mac_address__lte='00:1b'
vlan__lte=100
""",
    "POLICY": r"""
weight__gt=0
address_family=4
address_family__in=[0,4]
type='import-policy'
type__contains='import'
communities__isnull=false
name__startswith='p'
autonomoussystem_import_routing_policies__asn__gt=0
directpeeringsession_import_routing_policies__isnull=false
internetexchangepeeringsession_export_routing_policies__isnull=false
bgpgroup_import_routing_policies__slug='transit'
internetexchange_import_routing_policies__isnull=false
weight=-1
""",
    "COMMUNITY": r"""
value__exact='64500:'
type__exact='ingress'
value__iexact='64500:'
type__iexact='ingress'
value__contains='64500:'
type__contains='ingress'
value__icontains='64500:'
type__icontains='ingress'
value__startswith='64500:'
type__startswith='ingress'
value__istartswith='64500:'
type__istartswith='ingress'
value__endswith='64500:'
type__endswith='ingress'
value__iendswith='64500:'
type__iendswith='ingress'
value__regex='64500:'
type__regex='ingress'
value__iregex='64500:'
type__iregex='ingress'
value__gt='64500:'
type__gt='ingress'
value__gte='64500:'
type__gte='ingress'
value__lt='64500:'
type__lt='ingress'
value__lte='64500:'
type__lte='ingress'
""",
}
