"""Expressions and templates that each ask one thing, one a line; `templates.py` makes cases of them."""

TEXTS = r"""
'abc'.capitalize()
'ǆabc'.capitalize()
'ﬁx'.capitalize()
'ab'.center(5)
'ab'.center(6,'-')
'abc'.center(6,'-')
'ab'.center(1)
'a'.center(width=3)
'ab'.count('b',1,2)
'ab'.count()
'ab'.count('')
'ab'.encode()
'ab'.encode('ascii').decode()
'é'.encode('latin-1')
'é'.encode('ascii')
'é'.encode('ascii','ignore')
'é'.encode('ascii','replace')
'é'.encode('utf-16-le')
'abc'.endswith(('b','c'))
'abc'.endswith('b',0,2)
'abc'.endswith(1)
'abc'.endswith([])
'abc'.endswith(())
'a\tb\tc'.expandtabs()
'a\tb\nabc\tc'.expandtabs(2)
'a\tb'.expandtabs(0)
'a\tb'.expandtabs(tabsize=3)
'abcabc'.find('c',3)
'abcabc'.find('c',0,2)
'abcabc'.find('c',-2)
'abcabc'.find('')
'abcabc'.find('',10)
'abc'.find(1)
'{}-{}'.format(1,2)
'{0!r:>5}'.format('a')
'{:>{w}}'.format('a',w=5)
'{a.b}'.format(a={'b':1})
'{a[b]}'.format(a={'b':1})
'{:n}'.format(1234)
'{:c}'.format(65)
'{:,d}'.format(-1234567)
'{:_x}'.format(1234567)
'{:#o} {:#b} {:#X}'.format(8,5,255)
'{:^+8.2f}|'.format(3.14159)
'{:=+8d}|'.format(42)
'{: d}'.format(42)
'{:-d}'.format(42)
'{:010.3f}'.format(-3.14159)
'{:.0f} {:.0f}'.format(0.5,1.5)
'{:E} {:G}'.format(12345.678,1e-10)
'{:g} {:g} {:g}'.format(1e6,1e5,123456789.0)
'{:.3g}'.format(1234.5)
'{:%}'.format(0.1234)
'{:.1%}'.format(0.1234)
'{:s}'.format(1)
'{:d}'.format(1.5)
'{:x}'.format('a')
'{:5}|{:5}|{:5}'.format('a',1,1.5)
'{:<5}|{:>5}|{:^5}|'.format('é','é','é')
'{!a}'.format('é')
'{!s:>4}'.format(1)
'{!x}'.format(1)
'{'.format()
'}'.format()
'{0'.format(1)
'{} {1}'.format(1,2)
'{1} {}'.format(1,2)
'{x}'.format()
'{0.x}'.format(1)
'{0[2]}'.format([1,2,3])
'{0[9]}'.format([1,2,3])
'{:b}'.format(true)
'{:d}'.format(true)
'{}'.format(none)
'{:>5}'.format(none)
'{:>5}'.format([1])
'{!s:>5}'.format([1])
'{:}'.format(none)
'{:.2f}'.format(1)
'{:.2f}'.format('1')
'{:.2}'.format('abc')
'{:.2d}'.format(1)
'{:10,.2f}|'.format(1234567.891)
'{:020,}'.format(1234567)
'{:x}'.format(-255)
'{:#010x}'.format(255)
'{:z}'.format(1)
'{:f}'.format(1e22)
'{:e}'.format(0)
'{a} {b}'.format(**{'a':1,'b':2})
'{} {}'.format(*[1,2])
'{a}'.format_map({'a':1})
'abc'.index('c')
'abc'.index('z')
'abc'.index('b',2)
'a1'.isalnum()
''.isalnum()
'a_'.isalnum()
'é'.isalpha()
'a1'.isalpha()
'a'.isascii()
''.isascii()
'1'.isdecimal()
'①'.isdigit()
'①'.isdecimal()
'①'.isnumeric()
'1.5'.isdigit()
'-1'.isdigit()
'a b'.isidentifier()
'class'.isidentifier()
''.isidentifier()
'1a'.isidentifier()
'a'.islower()
'a1'.islower()
'1'.islower()
'½'.isnumeric()
'a'.isprintable()
''.isprintable()
'\n'.isprintable()
' '.isspace()
''.isspace()
'\u00a0'.isspace()
'A B'.istitle()
'Ab Cd'.istitle()
'AB'.istitle()
''.istitle()
'A1'.isupper()
'-'.join(['a'])
'-'.join(('a','b'))
'-'.join({'a':1})
'-'.join('ab')
'-'.join(['a',1])
'-'.join(1)
'-'.join(['a','b']|map('upper'))
'ab'.ljust(4)+'|'
'ab'.ljust(4,'x')
'ab'.ljust(4,'')
'ab'.rjust(4,'xx')
'ABC'.lower()
'  a '.lstrip()+'|'
'xxa'.lstrip('x')
'a'.lstrip(1)
'abc'.maketrans('a','b')
'abc'.translate({97:'x'})
'abc'.translate('abc'.maketrans('ab','xy'))
'abc'.translate({97:none})
'abc'.translate({97:120})
'a=b=c'.partition('=')
'a=b=c'.rpartition('=')
'abc'.partition('=')
'abc'.rpartition('=')
'abc'.partition()
'abc'.removeprefix('ab')
'abc'.removesuffix('bc')
'abc'.removesuffix('x')
'aXbX'.replace('X','')
'aXbX'.replace('X','y',1)
'abc'.replace('','-')
'abc'.replace('','-',2)
'abc'.replace('a')
'abc'.replace('a',1)
'abcabc'.rfind('b')
'abcabc'.rfind('b',0,3)
'abcabc'.rindex('b')
'abc'.rindex('z')
'a,b,c'.rsplit(',',1)
'a b c'.rsplit(maxsplit=1)
'a,b,c'.rsplit(',')
'  a  b '.rsplit()
'  a  b  '.rsplit(none,1)
'xax'.rstrip('x')
'abc '.rstrip()+'|'
'a,b,,c'.split(',')
'a,b'.split(',',0)
'a b  c'.split(' ')
' a b '.split()
' a b c '.split(none,1)
'a,b,c'.split(',',-1)
'a,b,c'.split(',',maxsplit=1)
'abc'.split('')
'a'.split(1)
'a\nb\r\nc\x0bd'.splitlines()
'a\n\nb\n'.splitlines()
'a\n\nb\n'.splitlines(keepends=true)
'a\x85b\u2028c\x1cd'.splitlines()
'abc'.startswith('b',1)
'abc'.startswith(('x','a'))
'abc'.startswith('')
'abc'.startswith('a',5)
'xyx'.strip('xy')
'\u00a0a\u2003'.strip()
'\x1ca\x1f'.strip()
'\u200ba'.strip()|length
'aBc'.swapcase()
'ß'.swapcase()
'they\'re bill\'s'.title()
'hello WORLD 3rd'.title()
'ǆ'.title()
'éa'.title()
'abc'.upper()
'ß'.upper()
'ŉ'.upper()
'42'.zfill(5)
'-42'.zfill(5)
'+42'.zfill(5)
'--4'.zfill(5)
''.zfill(3)
'abc'.zfill(2)
'abc'.nope
'abc'.nope()
'abc'.upper
'abc'.__len__()
'İ'.lower()
'Σ'.lower()
'ΑΣ Β'.lower()
'ΑΣ'.capitalize()
'ΑΣ'.title()
'ﬀ'.title()
'ß'.casefold()
'ΣΊΣΥΦΟΣ'.casefold()
'a'*3
3*'a'
'a'*0
'a'*-1
'a'*1.5
'a'*'b'
'ab'[0]
'ab'[-1]
'ab'[5]
'ab'['x']
'abcdef'[1:4]
'abcdef'[::-1]
'abcdef'[-2:]
'abcdef'[4:1:-1]
'abcdef'[:-1:2]
'abcdef'[::0]
'abcdef'[1:none]
'abcdef'[none:3]
'abcdef'[true:]
'abcdef'['a':]
'abcdef'[1.0:]
'a' < 'b'
'a' < 'B'
'' < 'a'
'é' > 'z'
'a' in 'abc'
'' in 'abc'
1 in 'abc'
none in 'abc'
'a' not in 'abc'
'ab' % [3,1,2]
'ab' % {'a':1}
'ab' % x
'ab' % 1
'ab' % 'c'
'%s' % [3,1,2]
"""

CONTAINERS = r"""
l.append(4) ~ l
l.extend([4,5]) ~ l
l.extend('ab') ~ l
l.extend(4)
l.insert(0,9) ~ l
l.insert(-1,9) ~ l
l.insert(100,9) ~ l
l.pop() ~ l
l.pop(0) ~ l
l.pop(-2) ~ l
l.pop(9)
[].pop()
l.remove(2) ~ l
l.remove(9)
l.clear() ~ l
l.copy()
l.count(1)
l.index(2)
l.index(9)
l.index(2,2)
l.index(2,0,3)
l.reverse() ~ l
l.sort() ~ l
l.sort(reverse=true) ~ l
['b','A'].sort() 
l.sort(key=none) ~ l
l.nope()
l.append()
l.append(1,2)
l + [4]
l + (4,)
l * 2
l == [1,2,3]
l != [1]
l < [1,2,4]
l < [1,'a']
2 in l
'2' in l
l[0]
l[-1]
l[9]
l['0']
l.0
l[1:]
l[::2]
l[-1::-1]
l[1:2:0]
[[1,2],[3]][0][1]
l is sequence
l ~ 'x'
l|string
l|list
(1,2).count(1)
(1,2).index(2)
(1,2)[0]
(1,2) + (3,)
(1,2) * 2
(1,)
()
(1,2) == (1,2)
(1,2) < (1,3)
(1)
1,
1,2
d.get('a')
d.get('z')
d.get('z',1)
d.get()
d.keys()
d.values()
d.items()
d.keys()|list
d.items()|list
d.pop('a') ~ d
d.pop('z',5)
d.pop('z')
d.popitem() ~ d
d.setdefault('z',1) ~ d
d.setdefault('a',9) ~ d
d.setdefault('y') ~ d
d.update({'z':1}) ~ d
d.update(z=1) ~ d
d.update([('z',1)]) ~ d
d.update() ~ d
d.clear() ~ d
d.copy()
d.fromkeys(['a','b'])
d.fromkeys(['a','b'],0)
d.a
d['a']
d.z
d['z']
d[1]
d.items
d.keys
'a' in d
'z' in d
d|list
d|length
d == {'a':1,'b':2}
d == {'b':2,'a':1}
d != {}
d < {}
d | dictsort
{} | length
{'a':1}.items() == {'a':1}.items()
{'a':1}|items|list
'a' in d.keys()
1 in d.values()
('a',1) in d.items()
d.keys()|length
d.values()|sum
d.items()|length
d.keys()[0]
d.keys() | first
d.keys() == ['a','b']
d.keys()|sort
d.values()|join('-')
d.items()|sort(attribute='1')
d.items()|map('first')|list
d.items()|map(attribute=1)|list
{**d}
{'a':1, 'a':2}
{1:2}
{1.5:2}
{none:1}
{(1,2):3}
{[1]:2}
{true:1, 1:2}
dict(a=1)
dict(d, z=1)
dict([['a',1]])
dict({'a':1})
dict()
dict(1)
dict('ab')
dict(['ab','cd'])
d.a.b
d.a.b.c
d['a'].b
dict(a=1).a
dict(d).pop('a')
{'x':{'y':[1,{'z':2}]}}.x.y[1].z
{'x':none}.x
{'x':none}.x.y
{'items':5}.items
{'items':5}['items']
{'keys':1}|attr('keys')
{'a-b':1}['a-b']
{'1':2}[1]
{1:2}['1']
{1:2}[1]
{1:2}[1.0]
{1:2}[true]
{'a':1}|attr('a')
l|attr('append')
l|first
l|last
[7]|random
[]|random
''|random
l|sum
l|sum(start=5)
['a']|sum
[[1],[2]]|sum(start=[])
l|max
l|min
[]|max
['b','A']|max
['b','A']|max(case_sensitive=true)
['b','A']|min(true)
[{'a':1},{'a':3}]|max(attribute='a')
[{'a':1},{}]|max(attribute='a')
[1,'a']|max
l|join
l|join(',')
l|join(1)
[{'a':1},{'a':3}]|join(',',attribute='a')
[{'a':1},{'a':3}]|join(',','a')
'abc'|join('-')
d|join(',')
5|join
none|join
l|reverse|list
'abc'|reverse
d|reverse|list
5|reverse
l|batch(2)|list
l|batch(2,'x')|list
l|batch(linecount=2,fill_with=0)|list
l|batch(0)|list
l|batch(-1)|list
'abcde'|batch(2)|list
l|slice(2)|list
l|slice(2,'x')|list
l|slice(5)|list
l|slice(5,'x')|list
l|slice(0)|list
l|slice(slices=2,fill_with=9)|list
[1,2,3,4,5,6,7]|slice(3)|list
[1,2,3,4,5,6,7]|slice(3,0)|list
l|unique|list
['a','A']|unique|list
['a','A']|unique(true)|list
[{'a':1,'b':1},{'a':1,'b':2}]|unique(attribute='a')|list
[{'a':{'b':'x'}},{'a':{'b':'X'}}]|unique(attribute='a.b')|list
[1,1.0,true]|unique|list
[none,none]|unique|list
[[1],[1]]|unique|list
[{'a':1},{}]|unique(attribute='a')|list
[3,1,2]|sort
[3,1,2]|sort(true)
[3,1,2]|sort(reverse=true)
['b','A','a']|sort
['b','A','a']|sort(case_sensitive=true)
['b','A','a']|sort(false,true)
[{'a':2,'b':1},{'a':1,'b':2},{'a':1,'b':1}]|sort(attribute='a,b')
[{'a':2,'b':1},{'a':1,'b':2},{'a':1,'b':1}]|sort(attribute='a,b',reverse=true)
[{'a':2,'b':1},{'a':1,'b':2},{'a':1,'b':1}]|sort(attribute='a, b')
[[2,'a'],[1,'b']]|sort(attribute=0)
[[2,'a'],[1,'b']]|sort(attribute='1')
[[2,'a'],[1,'b']]|sort(attribute='0,1')
[{'a':{'b':2}},{'a':{'b':1}}]|sort(attribute='a.b')
[{'a':1},{}]|sort(attribute='a')
[none,1]|sort
[true,0,2]|sort
[1.5,1,2]|sort
[(1,'b'),(1,'a')]|sort
[[2],[1]]|sort
[{'a':1},{'a':0}]|sort
'bca'|sort
d|sort
5|sort
d|dictsort(by='value')
d|dictsort(true,'value',true)
d|dictsort(false,'key')
d|dictsort(by='x')
{'b':1,'A':2}|dictsort
{'b':1,'A':2}|dictsort(case_sensitive=true)
{'b':'x','a':'X'}|dictsort(by='value')
{1:2,'a':3}|dictsort
l|dictsort
[{'a':1},{'a':2},{'a':1}]|groupby('a')|list
[{'a':'x'},{'a':'X'}]|groupby('a')|map('first')|list
[{'a':'x'},{'a':'X'}]|groupby('a',case_sensitive=true)|map('first')|list
[{'a':'b'},{}]|groupby('a',default='zz')|map('first')|list
[{'a':1},{}]|groupby('a')|map('first')|list
[{'a':{'b':1}}]|groupby('a.b')|list
[[1,2],[1,3]]|groupby(0)|list
(['aa','b','cc']|groupby('length'))|list
([{'a':1},{'a':2}]|groupby('a'))[0].grouper
([{'a':1},{'a':2}]|groupby('a'))[0].list
([{'a':1},{'a':2}]|groupby('a'))[0][1]
([{'a':1},{'a':2}]|groupby('a'))[0]|length
[]|groupby('a')
l|map
l|map('nope')|list
l|map('string')|list
l|map('add',1)|list
['a']|map('replace','a','b')|list
['a']|map('indent',2)|list
[{'a':1}]|map(attribute='a')|list
[{'a':1}]|map(attribute='b')|list
[{'a':1}]|map(attribute='b',default=5)|list
[{'a':1}]|map(attribute='b.c')|list
[{'a':1}]|map(attribute='b.c',default=5)|list
[{'a':{'b':1}}]|map(attribute='a.b')|list
[{'a':1}]|map(foo='a')|list
[{'a':1}]|map(attribute='a',nope=1)|list
l|select('odd')|list
l|select('>',1)|list
l|select('gt',1)|list
l|select('in',[1,2])|list
l|select('nope')|list
l|select()|list
[0,1,none]|select|list
[0,1,none]|reject|list
l|reject('even')|list
[{'a':1},{'a':0}]|selectattr('a')|list
[{'a':1},{'a':0}]|rejectattr('a')|list
[{'a':1},{'a':0}]|selectattr('a','==',1)|list
[{'a':1},{'b':0}]|selectattr('a','defined')|list
[{'a':1},{'b':0}]|selectattr('b','undefined')|list
[{'a':1},{'a':none}]|selectattr('a','none')|list
[{'a':'x'},{'a':'y'}]|selectattr('a','in',['x'])|list
[{'a':{'b':1}}]|selectattr('a.b','eq',1)|list
[{'a':'x'}]|selectattr('a','match','x')|list
[{'a':[1]}]|selectattr('a','contains',1)|list
[{'a':1}]|selectattr()|list
[{'a':'x'}]|rejectattr('a','string')|list
'abc'|select('in','ab')|list
d|select('eq','a')|list
l|first|string
''|first
[]|last
'abc'|last
d|first
d|last
5|first
none|first
l|tojson
d|tojson
d|tojson(indent=2)
(1,2)|tojson
none|tojson
1.5|tojson
'<>&\''|tojson
"it's"|tojson
'é'|tojson
{1:2}|tojson
{none:1,'a':2}|tojson
l|pprint
d|pprint
'a'|pprint
none|pprint
{'b':1,'a':2}|pprint
('x'*100)|pprint
[('x'*50),('y'*50)]|pprint
l|length
5|length
5|wordcount
'a b c'|wordcount
''|wordcount
"don't stop-now"|wordcount
[{'n':1},{'n':2}]|sort(attribute='v')
[{'n':1,'v':none},{'n':2,'v':none}]|sort(attribute='v')
[{'n':1,'v':none},{'n':2,'v':1}]|sort(attribute='v')
[{'n':1},{'n':2,'v':1}]|sort(attribute='v')
[{'n':2,'v':none},{'n':1,'v':none}]|sort(attribute='v,n')
[{'n':1,'v':none},{'n':2,'v':none}]|sort(attribute='v',reverse=true)
[none,none]|sort
[x,x]|sort
[{'v':none},{'v':none}]|groupby('v')
[3,1,2]|join(',',none)
"""

FORMATS_AND_FILTERS = r"""
'%s' % 'a'
'%s %s' % ('a','b')
'%s' % ('a',)
'%s' % ()
'%s' % ('a','b')
'%s' % [1,2]
'%s' % {'a':1}
'%(a)s' % {'a':1}
'%(b)s' % {'a':1}
'%(a)s %(b)d' % {'a':1,'b':2.7}
'%d' % 3.9
'%d' % -3.9
'%d' % '3'
'%d' % true
'%d' % none
'%i %u' % (1,2)
'%5d|%-5d|%05d|%+d|% d' % (1,2,3,4,5)
'%x %X %o %#x %#o %#X' % (255,255,8,255,8,255)
'%x' % 1.5
'%x' % 'a'
'%x' % -255
'%#08x' % 255
'%-#8x|' % 255
'%.3d' % 5
'%+.3d' % 5
'%08.3f' % 3.14159
'%.0f' % 2.5
'%.0f' % 3.5
'%#.0f' % 3
'%f' % 1
'%f' % '1'
'%e' % 12345.678
'%E' % 0.00012
'%.2e' % 12345.678
'%g %g %g' % (1e6,1e5,0.0001)
'%g' % 1234567.0
'%G' % 1e-10
'%.3g' % 1234.5
'%#g' % 1.0
'%c' % 65
'%c' % 'a'
'%c' % 'ab'
'%c%c' % (72,'i')
'%r' % 'a'
'%r' % ["a'b"]
'%r %s' % (none, none)
'%a' % 'é'
'%%' % ()
'%d%%' % 5
'100%' % ()
'%' % 1
'%z' % 1
'%5s|%-5s|%.2s|%5.1s|' % ('ab','ab','abc','abc')
'%*d' % (5,3)
'%-*d|' % (5,3)
'%.*f' % (2,3.14159)
'%*s' % (-5,'a') ~ '|'
'%ld' % 5
'%hd' % 5
'%s' % x
'%d' % x
'%s' % none
'%s' % true
'%5s|' % true
'%s' % 1.0
'%s' % 1e20
'%d' % 1e20
'%d' % 99999999999999999999
'%s' % (1,2,3)
'%s %s %s' % (1,2,3)
'%(a)s%%' % {'a':1}
'%(a)5s|%(a)-5s|' % {'a':1}
'%(a.b)s' % {'a.b':1}
'%( a )s' % {' a ':1}
'%(a)s' % (1,)
'%(a)s' % 1
'%s' % {'a':1}.items()
'%-10s|%05d|%x|%r|%%' % ('ab',42,255,'q')
'%s' | format('a')
'%s %s' | format('a','b')
'%s' | format
'%(x)s' | format(x=1)
'%s %(x)s' | format(1, x=1)
'%d' | format('a')
'%5.2f|' | format(3.14159)
'%s' | format(1,2)
'{}' | format(1)
5 | format(1)
'%s'|format(*[1])
1|filesizeformat
0|filesizeformat
2|filesizeformat
999|filesizeformat
1000|filesizeformat
1024|filesizeformat(true)
1023|filesizeformat(true)
1500|filesizeformat
1e6|filesizeformat
1e9|filesizeformat
1e15|filesizeformat
1e30|filesizeformat
'1000'|filesizeformat
'x'|filesizeformat
none|filesizeformat
1048576|filesizeformat(binary=true)
-5|filesizeformat
(-5000)|filesizeformat
1.5|filesizeformat
x|filesizeformat
'abc'|truncate(2)
'foo bar baz'|truncate(8)
'foo bar baz'|truncate(8,true)
'foo bar baz'|truncate(8,false,'!')
'foo bar baz'|truncate(8,true,'')
'foo bar baz'|truncate(5,true,'...',0)
'foo bar baz'|truncate(5,leeway=0)
'foo bar baz'|truncate(length=5,killwords=true,end='~',leeway=0)
'foobarbaz'|truncate(5,leeway=0)
'foo bar baz'|truncate(11)
'foo bar baz'|truncate(10)
'foo bar baz qux'|truncate(10)
('x'*300)|truncate
''|truncate(5)
none|truncate
123456789|truncate(3)
'foo bar'|truncate(3,true,'',none)
'foo bar'|truncate(-1)
'foo bar baz'|truncate(4,false,'...',0)
'a b c d e f g h'|wordwrap(5)
'a b c d e f g h'|wordwrap(5,wrapstring='|')
'abcdefghij'|wordwrap(3)
'abcdefghij'|wordwrap(3,false)
'abcdefghij klm'|wordwrap(5,break_long_words=false)
'foo-bar-baz'|wordwrap(5)
'foo-bar-baz'|wordwrap(5,break_on_hyphens=false)
'a\nb c d'|wordwrap(3)
'a\n\nb'|wordwrap(3)
'  a  b  '|wordwrap(3)
'a  b   c    d'|wordwrap(4)
''|wordwrap(3)
'x'|wordwrap(0)
'a b'|wordwrap(1)
'a\tb'|wordwrap(10)
none|wordwrap
'word '*20|wordwrap
'a b\r\nc d'|wordwrap(2)
3.7|round
3.2|round
2.5|round
-2.5|round
2.567|round(2)
2.567|round(2,'ceil')
2.567|round(2,'floor')
2.567|round(precision=1,method='floor')
2.5|round(0,'x')
1234|round(-2)
1250|round(-2)
1234.5|round(-2)
1234|round(-2,'ceil')
5|round
5|round(2)
5|round(2,'floor')
true|round
'1'|round
none|round
x|round
1e20|round
0.5|round
1.005|round(2)
0.1|round(20)
2.5|round|int
-3|abs
3.5|abs
'a'|abs
true|abs
x|abs
'12'|int
'12.5'|int
'-12'|int
' 12 '|int
'1_2'|int
'1__2'|int
'_1'|int
'1e3'|int
'abc'|int
'abc'|int(7)
'abc'|int(default=7)
'0x1f'|int(0,16)
'1f'|int(base=16)
'0b11'|int(0,2)
'0o17'|int(0,8)
'11'|int(0,2)
'12'|int(0,2)
'z'|int(0,36)
'0x1f'|int(0,0)
'12'|int(0,0)
'12'|int(0,1)
'12'|int(0,40)
12.9|int
-12.9|int
none|int
none|int(5)
true|int
[]|int
x|int
'١٢'|int
'²'|int
'inf'|int
'nan'|int
'99999999999999999999999999999999999999999'|int
'1.5'|float
'abc'|float
'abc'|float(1.5)
'inf'|float
'-inf'|float
'nan'|float
'1e5'|float
'1_0'|float
'.5'|float
'5.'|float
5|float
none|float
true|float
[]|float
x|float
'infinity'|float
'1e400'|float
1|string
1.0|string
none|string
true|string
[1]|string
x|string
'a'|string
'hello world'|title
'HELLO'|title
"it's o'neil"|title
'a-b_c.d/e(f'|title
'a1b 2c'|title
none|title
5|title
'hello World'|capitalize
'élan'|capitalize
''|capitalize
5|capitalize
'abc'|upper
5|upper
none|upper
'ABC'|lower
'  a '|trim
'xxaxx'|trim('x')
'xxaxx'|trim(chars='x')
5|trim
none|trim
'\n a \n'|trim
'\u00a0a'|trim
'\x1ca'|trim
'abc'|center(9)
'abc'|center(8) ~ '|'
'abcd'|center(9) ~ '|'
'abc'|center(2)
5|center(5) ~ '|'
'abc'|center
'abc'|replace('b','x')
'abcb'|replace('b','x',1)
'abc'|replace('','-')
'abc'|replace('b',5)
123|replace('2','x')
123|replace(2,9)
none|replace('o','0')
'abc'|replace('b')
'abc'|replace(old='b',new='x')
'abcb'|replace('b','x',count=1)
'<b>a</b>'|striptags
'<b>a</b> <i>b</i>  c'|striptags
'a &amp; b'|striptags
'a<!-- x -->b'|striptags
'a < b'|striptags
5|striptags
'<a>'|e
'<a href="x">\'&</a>'|escape
5|e
none|e
x|e
'<a>'|e|e
'<a>'|forceescape
'<a>'|e|forceescape
'<a>'|safe
'a b&c'|urlencode
'a/b?c=d'|urlencode
'é'|urlencode
{'a b':'c&d','e':1}|urlencode
[('a',1),('b',2)]|urlencode
[['a','b']]|urlencode
5|urlencode
none|urlencode
''|urlencode
{}|urlencode
'~a_b-c.d!*()'|urlencode
{'a':none,'b':true}|urlencode
{'a':[1,2]}|urlencode
{'class':'a b','id':none,'x':'<'}|xmlattr
{'class':'a'}|xmlattr(false)
{'class':'a'}|xmlattr(autospace=false)
{}|xmlattr
{'a b':'c'}|xmlattr
{'a':x,'b':1}|xmlattr
'see http://a.com now'|urlize
'http://a.com/xxxxxxxxxxxxxxxxxxxx'|urlize(10)
'http://a.com'|urlize(nofollow=true)
'http://a.com'|urlize(target='_blank')
'http://a.com'|urlize(rel='me')
'ftp://a.com'|urlize(extra_schemes=['ftp:'])
'a@b.com'|urlize
'mailto:a@b.com'|urlize
'www.a.com'|urlize
[3,1,2]|sort|first
'a'|attr('upper')
'a'|attr('nope')
[1]|attr('__class__')
{}|attr('items')
5|attr('real')
'abc'|list
5|list
{'a':1}|list
range(3)|list
range(1,7,2)|list
range(5,0,-1)|list
range(0)|list
range(3)
range(1,3)
range(0,10,2)
range(3)[1]
range(3)[-1]
range(3)[1:]
range(3)|length
range(3)|sum
range(1.5)
range('a')
range()
range(1,2,3,4)
range(1,2,0)
3 in range(5)
range(100000)|length
range(100001)|length
range(3) == range(3)
range(3) is iterable
lipsum(1,false,1,2) is string
lipsum(n=0)
dict(a=1,b='x')
dict(a=1)|length
cycler()
cycler(1,2).next()
cycler(1,2).current
joiner()() ~ 'a'
joiner('|')
namespace(a=1).a
[1,2,3]|random in [1,2,3]
'abc'|length
none|length
x|length
5|length
true|length
(1,2)|length
{}|count
range(4)|len
'é'|length
'a'|default('b')
x|default('b')
x|default
x|d('b')
none|default('b')
none|default('b',true)
''|default('b',true)
0|default('b',boolean=true)
x.y|default('b')
x['y']|default('b')
{}.a|default('b')
{}.a.b|default('b')
x|default(y)|default('c')
false|default(true)
(1,2)|join('-')
[1,[2,3]]|join(',')
[x,1]|join(',')
['a']|join(x)
['a','b']|join(none)
{'a':1}|items
{'a':1}|items|list
x|items|list
5|items|list
[['a',1]]|items|list
{'b':{'z':1,'y':2}}|tojson
[1,2]|tojson(2)
{'a':[1,{'b':2}]}|tojson(indent=2)
[]|tojson(indent=2)
{}|tojson(2)
'a/b'|tojson
"\u2028"|tojson
'\\'|tojson
x|tojson
1e20|tojson
1e400|tojson
[1.0,1e-7]|tojson
true|tojson
{'a':1}.items()|tojson
{(1,2):3}|tojson
{true:1}|tojson
{1.5:1}|tojson
('a',)|tojson
range(3)|list|tojson
'a'|tojson is escaped
{'a':1}|pprint
[1,2,3]|pprint
{'k%d' % 1: 'v'*30, 'k2': 'v'*30, 'k3':'v'*30}|pprint
['a'*40,'b'*40,'c'*40]|pprint
('a'*90)|pprint
('word '*30)|pprint
{'a':{'b':['x'*30,'y'*30,'z'*30]}}|pprint
1e20|pprint
true|pprint
x|pprint
(1,)|pprint
[[]]|pprint
'a b  c'|wordcount
'a-b c_d'|wordcount
'é ü'|wordcount
5|wordcount
none|wordcount
''|wordcount
"""

PRODUCT = r"""
a < b
a < c
b < b+1
a == b.ip
a in n
b in n
b.ip in n
c in n
c in m
'192.0.2.5' in n
a in '192.0.2.5'
a ~ '!'
a + 1
1 + a
a - 5
a - a
a + a
a > ('192.0.2.4'|ipv4)
[a, a+1, a-1]|sort|join(',')
[b, a]|sort|join(',')
[c, a]|sort|join(',')
['10.0.0.1/24','10.0.0.1/8','9.0.0.1/8','10.0.0.0/8']|map('ipv4')|sort|join(' ')
['10.0.0.1/24'|ipv4,'10.0.0.1'|ipv4]|max
a|length
a is string
a is number
a is iterable
a is sequence
a is mapping
a is callable
a is defined
n is iterable
n is sequence
a is sameas a
a|string
a|upper
a|replace('.','-')
a|tojson
a|as_json
a|as_yaml
c|as_yaml
b|as_yaml
n|as_yaml
[a]|as_yaml
{'a':a}|as_yaml
'%s' % a
'%s' % b
'%d' % a
'%x' % a
'{}'.format(a)
'{:>20}'.format(a)
'{!s:>20}'.format(a)
'{:s}'.format(a)
'{:x}'.format(a)
'{:b}'.format(a)
'{:#x}'.format(a)
'{:n}'.format(a)
'{:_b}'.format(a)
'{:b}'.format(b)
'{.version}'.format(a)
'{0.network.prefixlen}'.format(b)
{a:1}
{a:1}[a]
{a:1}['192.0.2.5'|ipv4]
[a,a]|unique|list
a|default('x')
a|int
a|float
a|list
n|list|length
n|first
n|last
n|length
n.hosts()|list|length
n.hosts()|last
n.subnets()|list
n.subnets(2)|list
n.subnets(new_prefix=26)|list
n.subnets(prefixlen_diff=2)|map('string')|list
n.subnets(new_prefix=20)|list
n.subnets(prefixlen_diff=20)|list
n.subnets(2,26)|list
n.supernet()
n.supernet(2)
n.supernet(prefixlen_diff=4)
n.supernet(new_prefix=16)
n.supernet(new_prefix=25)
n.supernet(30)
n.overlaps(n.supernet())
n.overlaps(('10.0.0.0/8'|ipv4).network)
n.overlaps(a)
n.overlaps('x')
n.subnet_of(n.supernet())
n.supernet_of(n)
n.address_exclude((n.subnets()|list)[0])|list
n.compare_networks(n)
n < n.supernet()
n == n
n != n
n == b.network
n ~ ''
n|string
n in [n]
[n]
{'n':n}
m.num_addresses
m.hosts()|first
m[1]
m[-1]
m.subnets(1)|list
m.broadcast_address
m.network_address
(m.subnets(new_prefix=66)|list)[1]
b.network.hosts
b.ip.packed|length
b.ip.packed
a.packed[0]
a.packed|list
c.packed
a.reverse_pointer
c.reverse_pointer
b.hostmask
b.netmask.packed
b.with_netmask.split('/')[1]
b.network.netmask|string
b.ip.exploded
b.exploded
c.exploded
c.compressed
b.compressed
b == b
b == ('192.0.2.77/24'|ipv4)
b == ('192.0.2.77/25'|ipv4)
b + 1
b - 1
b.ip + 1
b.is_private
b|ip
a|ip
c|ip
n|ip
[a,b]|ip
[[a],b]|ip
(a,b)|ip
[a,'x']|ip
[a]|map('ip')|list
[a,c]|map('ipv4')|list
a|ipv4
a|ipv6
b|ipv4
c|ipv6
n|ipv4
('10.0.0.1/24'|ipv4).network|ipv4
1|ipv4
1|ipv6
-1|ipv4
4294967295|ipv4
4294967296|ipv4
4294967296|ipv6
1.5|ipv4
true|ipv4
false|ipv6
[]|ipv4
{}|ipv4
('192.0.2.1',24)|ipv4
('192.0.2.1','255.255.255.0')|ipv4
['192.0.2.1',24]|ipv4
'192.0.2.01'|ipv4
' 192.0.2.1'|ipv4
'192.0.2.1 '|ipv4
'192.0.2.1/33'|ipv4
'192.0.2.1/'|ipv4
'192.0.2.1/024'|ipv4
'192.0.2.1/+24'|ipv4
'192.0.2.1/255.255.0.255'|ipv4
'192.0.2.1/0.0.0.0'|ipv4
'192.0.2.1/255.255.255.255'|ipv4
'192.0.2.1/24/24'|ipv4
'192.0.2'|ipv4
'192.0.2.256'|ipv4
'192.0.2.1.1'|ipv4
'١.1.1.1'|ipv4
'3221225985'|ipv4
'2001:db8::1/129'|ipv6
'2001:db8::1/ffff::'|ipv6
'2001:db8:::1'|ipv6
'2001:db8::g'|ipv6
'12345::1'|ipv6
'1:2:3:4:5:6:7'|ipv6
'1:2:3:4:5:6:7:8:9'|ipv6
'1::2::3'|ipv6
'::1.2.3.4'|ipv6
'::1.2.3'|ipv6
'1:2:3:4:5:6:7::'|ipv6
'::2:3:4:5:6:7:8'|ipv6
'[::1]'|ipv6
'fe80::1%'|ipv6
'fe80::1%eth0'|ipv6
('fe80::1%eth0'|ipv6).scope_id
'fe80::1%eth0/64'|ipv6
('fe80::1%eth0/64'|ipv6).scope_id
'fe80::1%eth0'|ip
''|ip
none|ip
x|ip
1|ip
'2001:db8::1'|ip
'192.0.2.1/255.255.255.0'|ip
5|ip
{}|ip
''|ipv4
none|ipv6
x|ipv4
'a'|quote
5|quote('--')
0|quote
''|quote
none|quote
1.5|quote
true|quote
[1]|quote
'a"b'|quote
'a'|quote('')
'a'|quote(none)
'a'|quote(5)
'a'|quote(char="'")
x|quote
a|quote
['a','b']|map('quote')|join(' ')
'Zürich ☃'|safe_string
'½'|safe_string
'ß ø'|safe_string
'ﬁ'|safe_string
'Ångström'|safe_string
'ｆｕｌｌ'|safe_string
'²³'|safe_string
'…'|safe_string
'a\u00a0b'|safe_string
'한글'|safe_string
'Ⅷ'|safe_string
''|safe_string
5|safe_string
none|safe_string
x|safe_string
[]|safe_string
'™'|safe_string
'é\n'|safe_string
'00:1B:77:49:54:FD'|mac
'00:1B:77:49:54:FD'|mac('cisco')
'00:1B:77:49:54:FD'|mac('bare')
'00:1B:77:49:54:FD'|mac('unix')
'001b7749:54fd'|mac
'0:1b:77:49:54:fd'|mac
'0-1b-77-49-54-fd'|mac
'1b:7749:54fd'|mac
'001b.7749.54fd'|mac
'1b.7749.54fd'|mac
'001b77.4954fd'|mac
'001b77-4954fd'|mac
'001b-7749-54fd'|mac
'001b:7749:54fd'|mac
'001b7749 54fd'|mac
'1'|mac
'001b774954fd'|mac
'1b774954fd'|mac
117965411581|mac
0|mac
281474976710655|mac
281474976710656|mac
-1|mac
''|mac
'00:1b:77:49:54'|mac
'00:1b:77:49:54:fd:00'|mac
'00:1b:77:49:54:fg'|mac
'00:1b:77:ff:fe:49:54:fd'|mac
'001b:77ff:fe49:54fd'|mac
'00-1b-77-ff-fe-49-54-fd'|mac
'001b77fffe4954fd'|mac
'00:1b:77:49:54:FD'|mac(none)
'00:1b:77:49:54:FD'|mac(format='cisco')
none|mac
x|mac
[]|mac
5.5|mac
'7 0822'|cisco_password
'7 7 08'|cisco_password
'08'|cisco_password
'5 08'|cisco_password
' 7 08'|cisco_password
''|cisco_password
5|cisco_password
none|cisco_password
x|cisco_password
'7 08'|arista_password
'7\t08'|arista_password
'7'|arista_password
'7 '|arista_password
[]|arista_password
'RIPE::AS-X'|strip_irr_sources
'RIPE:::AS-X'|strip_irr_sources
'ripe::AS-X'|strip_irr_sources
'FOO::AS-X'|strip_irr_sources
'RIPE-NONAUTH::AS-X'|strip_irr_sources
'RIPE::ipv4:AS-X'|strip_irr_sources
'ipv4:RIPE::AS-X'|strip_irr_sources
'ipv4:ipv6:AS-X'|strip_irr_sources
'IPV4:AS-X'|strip_irr_sources
'AS-X RADB::AS-X'|strip_irr_sources
'RADB::'|strip_irr_sources
'AS1:AS-X'|strip_irr_sources
'RADB::RIPE::AS-X'|strip_irr_sources
'TC:AS-X'|strip_irr_sources
'\tAS-X\n'|strip_irr_sources
'AS-X,,/&'|strip_irr_sources
none|strip_irr_sources
5|strip_irr_sources
[]|strip_irr_sources
x|strip_irr_sources
'a\nb'|indent(2)
'a\n'|indent(2)
'\na'|indent(2)
''|indent(2)
'a'|indent(0)
'a\nb'|indent(-1)
'a\r\nb\rc'|indent(1)
'a\x0cb\x1cc\x85d\u2028e'|indent(1)
'  a\n b'|indent(2,reset=true)
'..a\n.b'|indent(1,'.',true)
'a'|indent(2,chars='ab')
'abba'|indent(1,'ab',true)
'a'|indent
'a'|indent(width=2)
'a'|indent(2,first=true)
'a'|indent(2,'')
'a'|indent('2')
'a'|indent(2.0)
'a'|indent(true)
'a\tb'|indent(1,'\t')
'\ta\n\tb'|indent(1,'\t',reset=true)
[{'a':1}]|filter(a=1)
[1,2]|filter(real=1)
[1,2]|filter
['a']|filter(upper=1)
'ab'|filter(real=1)
{'a':1}|filter(real=1)
x|filter(a=1)
none|filter(a=1)
range(3)|filter(real=1)
[1]|filter('a')
[1,2,1]|unique_items('real')
[{'a':1}]|unique_items('a')
'ab'|unique_items('real')
5|unique_items('a')
x|unique_items('a')
[1]|unique_items
[1,true,2]|unique_items('real')
[1,2]|iterate('real')|list
[1,2]|iterate('imag')|list
[1.5]|iterate('real')|list
['a']|iterate('x')|list
[{'a':1}]|iterate('a')|list
x|iterate('a')|list
5|iterate('a')|list
none|iterate('a')|list
[1]|iterate|list
[1]|iterate(5)|list
[1,2]|iterate('real')|join(',')
2 in [1,2]|iterate('real')
[a,c]|iterate('version')|list
[a,c,a+1]|unique_items('version')
[a,c]|filter(version=6)
[a,b]|map(attribute='ip')|list
[a,b]|map(attribute='version')|list
[a,c]|selectattr('version','eq',4)|list
[a,c]|groupby('version')|map('first')|list
[b]|map(attribute='network.prefixlen')|list
[c,a]|sort(attribute='version')|join(' ')
"""

STATEMENTS = r"""
{{ 1 is boolean }}{{ true is boolean }}{{ none is boolean }}
{{ x is callable }}{{ range is callable }}{{ 'a'.upper is callable }}{{ dict is callable }}{{ 1 is callable }}{{ namespace is callable }}{{ cycler is callable }}
{% macro m() %}{% endmacro %}{{ m is callable }}{{ m is defined }}{{ m is iterable }}{{ m is mapping }}
{{ x is defined }}{{ none is defined }}{{ x.y is defined }}
{{ d.z is defined }}{{ d.a is defined }}{{ d['z'] is undefined }}
{{ 4 is divisibleby 2 }}{{ 4 is divisibleby(3) }}{{ 4.0 is divisibleby 2 }}
{{ 4 is divisibleby 0 }}
{{ 4 is divisibleby }}
{{ 'a' is divisibleby 2 }}
{{ 1 is eq 1 }}{{ 1 is equalto 1 }}{{ 1 is == 1 }}{{ 1 is ne 2 }}{{ 1 is gt 0 }}{{ 1 is lt 2 }}{{ 1 is ge 1 }}{{ 1 is le 1 }}{{ 1 is greaterthan 0 }}{{ 1 is lessthan 2 }}
{{ 1 is sameas 1 }}{{ none is sameas none }}{{ true is sameas true }}{{ 1 is sameas true }}{{ [] is sameas [] }}{{ l is sameas l }}
{{ 'a' is escaped }}{{ 'a'|safe is escaped }}{{ 'a'|e is escaped }}
{{ 2 is even }}{{ 3 is odd }}{{ 2.0 is even }}{{ true is odd }}{{ -1 is odd }}
{{ 'a' is even }}
{{ none is odd }}
{{ x is odd }}
{{ true is true }}{{ false is false }}{{ 1 is true }}{{ 0 is false }}{{ none is false }}
{{ 'upper' is filter }}{{ 'nope' is filter }}{{ 'even' is test }}{{ 'nope' is test }}{{ 'ipv4' is filter }}
{{ 1.0 is float }}{{ 1 is float }}{{ 1 is integer }}{{ true is integer }}{{ 1.0 is integer }}{{ '1' is integer }}
{{ 1 is number }}{{ 1.5 is number }}{{ true is number }}{{ none is number }}{{ x is number }}
{{ 1 is in [1] }}{{ 'a' is in 'abc' }}{{ 1 is in d }}{{ 'a' is in d }}{{ 1 is not in [1] }}
{{ 1 is in 5 }}
{{ 'a' is iterable }}{{ [] is iterable }}{{ {} is iterable }}{{ 1 is iterable }}{{ none is iterable }}{{ x is iterable }}{{ range(1) is iterable }}{{ l|map('string') is iterable }}
{{ 'abc' is lower }}{{ 'Abc' is lower }}{{ '1' is lower }}{{ 1 is lower }}{{ 'ABC' is upper }}{{ 1 is upper }}{{ x is lower }}
{{ {} is mapping }}{{ [] is mapping }}{{ d.items() is mapping }}{{ dict() is mapping }}{{ namespace() is mapping }}
{{ none is none }}{{ x is none }}{{ 0 is none }}{{ None is None }}
{{ [] is sequence }}{{ () is sequence }}{{ 'a' is sequence }}{{ {} is sequence }}{{ 1 is sequence }}{{ range(1) is sequence }}{{ d.keys() is sequence }}{{ l|map('string') is sequence }}
{{ 'a' is string }}{{ 1 is string }}{{ 'a'|safe is string }}{{ x is string }}{{ none is string }}
{{ 1 is not string }}{{ not 1 is string }}{{ 1 is string or true }}{{ 1 is not none and true }}
{{ 1 is nope }}
{{ 1 is not nope }}
{% if false %}{{ 1 is nope }}{% endif %}ok
{% if 1 is nope %}{% endif %}
{{ 1 if false else (1 is nope) }}
{{ true and 1 is eq 1 }}
{{ 5 is gt 3 and 5 is lt 10 }}
{{ 5 is gt(3) }}
{{ 1 is in([1,2]) }}
{{ 1 is eq(1) is true }}
{{ 1 + 1 is eq 2 }}
{{ 2 * 2 is eq 4 }}
{{ 'a' ~ 'b' is eq 'b' }}
{{ -1 is lt 0 }}
{{ x is not defined and y is not defined }}
{{ l is defined and l | length > 2 }}
{{ l|length is eq 3 }}
{{ 3 is even or 3 is odd }}
{{ x.y.z is defined }}
{{ x['y'] is defined }}
{{ (x.y) is defined }}
{{ d.z.y is defined }}
{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}
{% for i in l %}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}
{% for i in l %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }};{% endfor %}
{% for i in l %}{{ loop.cycle('a','b') }}{% endfor %}
{% for i in l %}{{ loop.cycle() }}{% endfor %}
{% for i in [1,1,2] %}{{ loop.changed(i) }}{% endfor %}
{% for i in [1,1,2] %}{{ loop.changed(i, 1) }}{% endfor %}
{% for i in l %}{{ loop }}{% endfor %}
{% for i in l %}{{ loop.nope }}{{ loop.nope is defined }}{% endfor %}
{% for i in l %}{{ loop|length }}{% endfor %}
{% for i in l if i > 1 %}{{ loop.index }}{{ i }}{{ loop.length }}{% else %}e{% endfor %}
{% for i in l if loop.index > 1 %}{{ i }}{% endfor %}
{% for i in l if i > 9 %}{{ i }}{% else %}e{% endfor %}
{% for i in [] %}{% else %}e{{ i }}{% endfor %}
{% for i in [] %}{% else %}e{{ loop }}{% endfor %}
{% for a, b in d.items() %}{{ a }}{{ b }}{% endfor %}
{% for a, (b, c) in [[1,[2,3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for (a, b) in [[1,2]] %}{{ a }}{{ b }}{% endfor %}
{% for a, b in [[1]] %}{% endfor %}
{% for a, b in [1] %}{% endfor %}
{% for a in none %}{% endfor %}
{% for a in x.y %}{% endfor %}
{% for a in x %}{% else %}E{% endfor %}
{% for k in d %}{{ k }}{% endfor %}
{% for k in 'abc' %}{{ k }}{{ loop.last }}{% endfor %}
{% for i in l|reverse %}{{ i }}{{ loop.last }}{{ loop.length }}{% endfor %}
{% for i in range(3) %}{{ i }}{% endfor %}
{% for i in l[1:] %}{{ i }}{% endfor %}
{% for i in l + [4] %}{{ i }}{% endfor %}
{% for i in l if i is odd %}{{ i }}{% endfor %}
{% for i in 1, 2 %}{{ i }}{% endfor %}
{% for i in (1, 2) if i %}{{ i }}{% endfor %}
{% for i in l recursive %}{{ i }}{% endfor %}
{% for i in [[1,[2]],[3]] recursive %}{% if i is iterable %}({{ loop(i) }}){% else %}{{ i }}{{ loop.depth }}{% endif %}{% endfor %}
{% for i in t recursive %}{{ loop.depth0 }}{{ i.n }}{{ loop(i.c) if i.c }}{% endfor %}
{% for i in l %}{% for j in l %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}
{% for i in l %}{% set o = loop %}{% for j in l %}{{ o.index }}{{ o.last }}{% endfor %}{% endfor %}
{% for i in l %}{{ i }}{% set i = 5 %}{{ i }}{% endfor %}{{ i }}
{% set i = 0 %}{% for i in l %}{% endfor %}{{ i }}
{% for loop in l %}{{ loop }}{% endfor %}
{% for i in l %}{{ self }}{% endfor %}
{% for _ in l %}{{ _ }}{% endfor %}
{% for i, j in l %}{% endfor %}
{% for i in l %}
{% for i in l %}{% endif %}
{% endfor %}
{% for in l %}{% endfor %}
{% for i l %}{% endfor %}
{% for i.a in l %}{% endfor %}
{% for i[0] in l %}{% endfor %}
{% for true in l %}{% endfor %}
{% for i in l %}{% else %}{% else %}{% endfor %}
{% if x %}{% elif l %}b{% else %}{% endif %}
{% if x %}{% else if l %}b{% endif %}
{% if %}{% endif %}
{% if l %}a{% endif -%} b
{% if not x %}a{% endif %}
{% if x == none %}a{% else %}b{% endif %}
{% if x is none %}a{% else %}b{% endif %}
{% if 0.0 %}a{% else %}b{% endif %}
{% if '0' %}a{% endif %}
{% if [[]] %}a{% endif %}
{% if () %}a{% else %}b{% endif %}
{% if range(0) %}a{% else %}b{% endif %}
{% if l|map('string') %}a{% else %}b{% endif %}
{% if []|map('string') %}a{% else %}b{% endif %}
{% if {}.items() %}a{% else %}b{% endif %}
{% if d.items %}a{% endif %}
{% if namespace() %}a{% endif %}
{% macro m(a, b=1) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1,2) }}{{ m(b=3) }}{{ m(a=1,b=2) }}
{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1,2,3,z=4) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1,2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=1) }}
{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}
{% macro m(a) %}{{ caller() }}{% endmacro %}{{ m() }}
{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}x{% endcall %}
{% macro m() %}<{{ caller(1,2) }}>{% endmacro %}{% call(a,b) m() %}{{ a }}{{ b }}{% endcall %}
{% macro m() %}<{{ caller(1) }}>{% endmacro %}{% call(a,b=5) m() %}{{ a }}{{ b }}{% endcall %}
{% macro m() %}{% if caller is defined %}y{% else %}n{% endif %}{% endmacro %}{{ m() }}{% call m() %}{% endcall %}
{% macro m() %}{{ caller is defined }}{{ caller }}{% endmacro %}{{ m() }}
{% macro m(a, caller) %}{{ caller }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a, caller=none) %}{{ caller }}{% endmacro %}{{ m(1) }}
{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}
{% macro m(a=1,b) %}{% endmacro %}
{% macro m(a, a) %}{{ a }}{% endmacro %}
{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(3) }}
{% macro m(a, b=a*2, c=b+1) %}{{ b }}{{ c }}{% endmacro %}{{ m(3) }}
{% macro m(a=[]) %}{{ a.append(1) }}{{ a }}{% endmacro %}{{ m() }}{{ m() }}
{% macro m(*a) %}{% endmacro %}
{% macro m(a,) %}{{ a }}{% endmacro %}{{ m(1) }}
{% macro m(a) %}{% set z = a %}{% endmacro %}{{ m(1) }}{{ z }}
{% macro m(a) %}{{ l }}{% endmacro %}{{ m(1) }}
{% macro m(a) -%} x {%- endmacro %}[{{ m(1) }}]
{% macro m() %}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}{{ m.catch_varargs }}{{ m.caller }}{% endmacro %}{{ m() }}
{% macro m(a, b=1) %}{% endmacro %}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}{{ m.catch_varargs }}{{ m.caller }}
{% macro m() %}{{ kwargs }}{% endmacro %}{{ m.catch_kwargs }}{{ m(a=1) }}
{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(3) }}
{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}
{{ m() }}{% macro m() %}{% endmacro %}
{% if true %}{% macro m() %}M{% endmacro %}{% endif %}{{ m() }}
{% for i in l %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}
{% for i in l %}{% macro m() %}{{ loop }}{% endmacro %}{{ m() }}{% endfor %}
{% macro m() %}{% for i in l %}{{ loop.index }}{% endfor %}{% endmacro %}{{ m() }}
{% macro m(l) %}{{ l }}{% endmacro %}{{ m(*[1]) }}{{ m(**{'l':2}) }}
{% macro m(a,b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*l[:2]) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ l|map('m')|list }}
{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m('x') ~ m('y') }}{{ m('x')|upper }}{{ m('x') + 'z' }}{{ m('x') == '<x>' }}{{ m('x') is string }}{{ [m('x')] }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m }}
{% set m = 1 %}{% macro m() %}M{% endmacro %}{{ m() }}
{% macro m() %}{% call n() %}i{% endcall %}{% endmacro %}{% macro n() %}[{{ caller() }}]{% endmacro %}{{ m() }}
{% macro m() %}{{ caller() }}{{ caller() }}{% endmacro %}{% call m() %}{% set q = 1 %}{{ q }}{% endcall %}{{ q }}
{% macro m(a) %}{{ a }}{{ caller(a+1) }}{% endmacro %}{% for i in l %}{% call(x) m(i) %}{{ x }}{{ i }}{{ loop.index }}{% endcall %}{% endfor %}
{% call l.append(9) %}{% endcall %}{{ l }}
{% call nope() %}{% endcall %}
{% call m %}{% endcall %}
{% filter upper %}a{{ 'b' }}{% endfilter %}
{% filter upper|lower %}aB{% endfilter %}
{% filter replace('a','b') %}aa{% endfilter %}
{% filter nope %}a{% endfilter %}
{% filter trim %}  a {% endfilter %}
{% filter length %}abc{% endfilter %}
{% set a = 1 %}{{ a }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}
{% set a, b = [1, 2] %}{{ a }}{{ b }}
{% set (a, b) = (1, 2) %}{{ a }}{{ b }}
{% set a, b = 1 %}
{% set a, b = [1] %}
{% set a = b = 1 %}
{% set a %}x{% endset %}{{ a }}
{% set a | upper %}x{% endset %}{{ a }}
{% set a | upper | replace('X','y') %}x{% endset %}{{ a }}
{% set a | default('q') %}{% endset %}[{{ a }}]
{% set a.b = 1 %}
{% set ns = namespace(a=1) %}{% set ns.a = 2 %}{{ ns.a }}{{ ns }}
{% set ns = namespace() %}{% set ns.a = 2 %}{{ ns.a }}{{ ns.b }}
{% set ns = namespace({'a':1}) %}{{ ns.a }}
{% set ns = namespace({'a':1}, b=2) %}{{ ns.a }}{{ ns.b }}{{ ns['a'] }}
{% set ns = namespace(a=1) %}{% set ns.a %}blk{% endset %}{{ ns.a }}
{% set ns = namespace(a=1) %}{% set ns.a, b = 2, 3 %}{{ ns.a }}{{ b }}
{% set ns = namespace(l=[]) %}{% for i in l %}{% set ns.l = ns.l + [i] %}{% endfor %}{{ ns.l }}
{% set ns = namespace(c=0) %}{% macro m() %}{% set ns.c = ns.c + 1 %}{% endmacro %}{{ m() }}{{ m() }}{{ ns.c }}
{% set ns = namespace(a=1) %}{% for k in ns %}{% endfor %}
{% set ns = namespace(a=1) %}{{ ns.items() }}
{% set ns = namespace(a=1) %}{{ ns|length }}
{% set ns = namespace(a=1) %}{{ ns.a.b }}{{ ns.z is defined }}{{ ns.a is defined }}
{% set ns = 1 %}{% set ns.a = 1 %}
{% set x.y = 1 %}
{% set d['a'] = 1 %}
{% set 1 = 1 %}
{% set 'a' = 1 %}
{% set true = 1 %}
{% set a = %}
{% set a %}
{% set = 1 %}
{% set loop = 1 %}{{ loop }}
{% set a = 1 if true else 2 %}{{ a }}
{% set a = 1, %}{{ a }}
{% set a = 1, 2 %}{{ a }}
{% set a = 'x' ~ 1 %}{{ a }}
{% set a = [] %}{% set b = a %}{{ b.append(1) }}{{ a }}
{% with %}{% set a = 1 %}{{ a }}{% endwith %}{{ a }}
{% with a=1 %}{{ a }}{% endwith %}{{ a }}
{% with a=1, b=a %}{{ b }}{% endwith %}
{% set a = 5 %}{% with a=1, b=a %}{{ b }}{% endwith %}{{ a }}
{% with a, b = 1, 2 %}{{ a }}{% endwith %}
{% with a = 1 %}{% with a = 2 %}{{ a }}{% endwith %}{{ a }}{% endwith %}
{% block a %}x{% endblock %}{{ self.a() }}
{% block a %}x{% endblock a %}
{% block a %}x{% endblock b %}
{% block a %}{% endblock %}{% block a %}{% endblock %}
{% for i in l %}{% block a scoped %}{{ i }}{% endblock %}{% endfor %}
{% block a required %}{% endblock %}
{% set q = 1 %}{% block a %}{{ q }}{% endblock %}
{% block a %}{{ super() }}{% endblock %}
{{ self.nope() }}
{% block a %}{% set z = 1 %}{% endblock %}{{ z }}
{% raw %}{{ a }}{% endraw %}
{% raw -%}  a  {%- endraw %}
{%- raw %} a {% endraw -%} b
{% raw %}
{% endraw %}
{% raw %}{% raw %}{% endraw %}
{# a #}
{# {# #}
{# a
{# a -#} b
a {#- b #}
{% autoescape true %}{{ '<' }}{{ '<'|safe }}{{ '<' ~ '>' }}{% endautoescape %}
{% autoescape false %}{{ '<' }}{% endautoescape %}
{% autoescape x %}{{ '<' }}{% endautoescape %}
{% trans %}a{% endtrans %}
{% break %}
{% nope %}
{% endif %}
{% else %}
{% include 'nope' %}
{% include 'nope' ignore missing %}x
{% include ['nope','a'] %}
{% include x %}
{% import 'nope' as a %}
{% extends 'nope' %}
{%%}
{{}}
{{ }}
{{ 1 }
{{ 1 %}
{% if 1 }}
{{ 1
{% if 1
{{ (1 }}
{{ [1 }}
{{ {1 }}
{{ 1) }}
{{ ] }}
{{ 'a }}
{{ "a }}
{{ 1 2 }}
{{ a b }}
{{ a. }}
{{ a.1.2 }}
{{ .a }}
{{ a..b }}
{{ a[ }}
{{ a[] }}
{{ a[1 }}
{{ f( }}
{{ f(,) }}
{{ f(1,,2) }}
{{ f(a=1,2) }}
{{ f(a=) }}
{{ 1 + }}
{{ + }}
{{ * 1 }}
{{ 1 ++ 2 }}
{{ 1 -- 2 }}
{{ 1 === 2 }}
{{ 1 <> 2 }}
{{ 1 && 2 }}
{{ !true }}
{{ 1 ? 2 : 3 }}
{{ a := 1 }}
{{ a = 1 }}
{{ l[0] = 1 }}
{{ a | }}
{{ | a }}
{{ a | 1 }}
{{ a | b.c }}
{{ 1 is }}
{{ is none }}
{{ 1 is 1 }}
{{ not }}
{{ and }}
{{ 1 and }}
{{ if }}
{{ 1 if }}
{{ 1 if 2 else }}
{{ x if else 2 }}
{{ in }}
{{ 1 in }}
{{ 1 not 2 }}
{{ not not 1 }}
{{ $ }}
{{ a$ }}
{{ @ }}
{{ ` }}
{{ \ }}
{{ a ; b }}
{{ 'a' ; }}
{{ % }}
{{ a % }}
{{ ~ }}
{{ 1 ~ }}
{{ ** 2 }}
{{ 2 ** }}
{{ f(*l) }}
{{ dict(**d) }}
{{ lambda: 1 }}
{{ [i for i in l] }}
{{ {1, 2} }}
{{ {1: 2, 3} }}
{{ {: 2} }}
{{ [,] }}
{{ [1,,2] }}
{{ (,) }}
{{ l[1,2] }}
{{ l[::] }}
{{ l[:] }}
{{ l[::-1] }}
{{ l[:::] }}
{{ ... }}
{{ None.x }}
{{ True.x }}
{{ 1.x }}
{{ 1 .x }}
{{ 1.5.x }}
{{ 1. }}
{{ .5 }}
{{ 1e5 }} {{ 1E5 }} {{ 1e+5 }} {{ 1e-5 }} {{ 1.5e3 }} {{ 1.e3 }}
{{ 0x1F }} {{ 0X1f }} {{ 0b11 }} {{ 0B11 }} {{ 0o17 }} {{ 0O17 }}
{{ 1_000 }} {{ 1_0.5 }} {{ 0x_f }} {{ 0xf_f }}
{{ 1__0 }}
{{ _1 }}
{{ 1_ }}
{{ 0777 }}
{{ 00 }}
{{ 0xg }}
{{ 1a }}
{{ 1_a }}
{{ 99999999999999999999999999 }} {{ 0xffffffffffffffffffff }}
{{ 'a' "b" 'c' }}
{{ 'a\'b' }} {{ "a\"b" }} {{ 'a"b' }} {{ "a'b" }}
{{ '\n\t\r\\\x41\u0041\101\0\a\b\f\v' }}
{{ '\U0001F600' }}
{{ '\N{DASH}' }}
{{ '\x' }}
{{ '\xg1' }}
{{ '\u12' }}
{{ '\q\z\ ' }}
{{ '\400' }}
{{ '\18' }}
{{ '{{ x }}' }}
{{ '}}' }}
{{ '%}' }}{% if '%}' %}a{% endif %}
{{ '{#' }}
{{ '#}' }}
{{ {'a':{'b':1}}['a']['b'] }}
{{ {'a':{'b':{}}} }}
{{ {'a':{}}}}
{{ {} }}
{{{}}}
{{-1}}
{{- 1 -}}
{{+1}}
{{ -1 }}
{{ - 1 }}
{{ --1 }}
{{ +-1 }}
{{ not none }}
{{ not x }}
{{ x and y }}
{{ x or 1 }}
{{ 1 or x.y.z }}
{{ 0 and x.y.z }}
{{ none or 0 or '' }}
{{ 1 and 2 and 3 }}
{{ 'a' or 'b' and 'c' }}
{{ not 1 == 2 }}
{{ not (1 == 2) }}
{{ 1 == 1 == 1 }}
{{ 1 < 2 > 1 }}
{{ 1 < 2 in [2] }}
{{ 1 in [1] == true }}
{{ 1 in [1] in [true] }}
{{ 1 not in [1] }}
{{ not 1 in [1] }}
{{ 1 if x else 2 if l else 3 }}
{{ (1 if x) }}
{{ (1 if x) is defined }}
{{ (1 if x) | default(5) }}
{{ 'a' if x is defined else 'b' if y is defined else 'c' }}
{{ 1 + 2 if true }}
{{ 1 if true + 5 }}
{{ x.y if x else 'n' }}
{{ 1 ~ 2 ~ 3 }}
{{ 1 ~ 2 + 3 }}
{{ 'a' ~ 2 * 3 }}
{{ 1 ~ none ~ true ~ 1.0 ~ [1] ~ {'a':1} ~ (1,) }}
{{ -'a' }}
{{ +'a' }}
{{ -none }}
{{ -true }}
{{ 2 ** 3 ** 2 }}
{{ -2 ** 2 }}
{{ 2 ** -1 }}
{{ 7 // 2 }} {{ -7 // 2 }} {{ 7.5 // 2 }} {{ 7 % -3 }} {{ -7 % 3 }} {{ 7.5 % 2 }}
{{ 1 / 3 }}
{{ 2 / 1 }}
{{ 1 // 0 }}
{{ 1 % 0 }}
{{ 1.0 / 0 }}
{{ 0 ** -1 }}
{{ 'a' * 2 + 'b' }}
{{ [1] + 'a' }}
{{ 'a' + ['b'] }}
{{ {} + {} }}
{{ d | d }}
{{ 1 | 2 }}
{{ 'a' 1 }}
{{ 1 == '1' }} {{ 1 == 1.0 }} {{ 1 == true }} {{ 0 == false }} {{ none == false }} {{ '' == false }} {{ [] == false }}
{{ 1 != 1 }} {{ 'a' != 'b' }}
{{ [1,[2]] == [1,[2]] }} {{ (1,2) == [1,2] }} {{ {'a':[1]} == {'a':[1]} }}
{{ x == y }} {{ x == none }} {{ x == '' }} {{ x != 1 }}
{{ x < 1 }}
{{ 1 < x }}
{{ none < 1 }}
{{ 'a' < 1 }}
{{ [] < {} }}
{{ true < 2 }} {{ true + 1 }} {{ true == 1 }}
{{ x in l }} {{ none in l }}
{{ 1 in x }}
{{ 1 in none }}
{{ 1 in 1 }}
{{ l in [l] }}
{{ [1] in [[1]] }}
"""

INCLUDES = r"""
{% include 'configuration::A' %}
{% set x=1 %}{% include 'configuration::A' %}
{% for x in l %}{% include 'configuration::A' %}{% endfor %}
{% with x=5 %}{% include 'configuration::A' %}{% endwith %}
{% macro q(x) %}{% include 'configuration::A' %}{% endmacro %}{{ q(3) }}
{% include ['configuration::nope','configuration::A'] %}
{% include ('configuration::nope','configuration::A') %}
{% include ['configuration::nope'] ignore missing %}|
{% include ['configuration::nope'] %}|
{% include 'configuration::nope' %}
{% include 'configuration::nope' ignore missing %}|
{% include 'configuration::nope' ignore missing with context %}|
{% include 'configuration::A' with context %}
{% include 'configuration::A' without context %}
{% include 'configuration::A' ignore missing without context %}
{% set n='configuration::A' %}{% include n %}
{% include 'configuration::' ~ 'A' %}
{% include 'configuration::A' if true else 'configuration::nope' %}
{% include x %}
{% include none %}
{% include 5 %}
{% include [] %}
{% include [] ignore missing %}
{% include 'configuration::Nl' %}|
{% include 'configuration::Nl2' %}|
{% include 'configuration::Set' %}{{ x }}{{ l }}
{% set x=1 %}{% include 'configuration::Set' %}{{ x }}
{% include 'configuration::Loop' %}
{% set n=3 %}{% include 'configuration::Rec' %}{{ n }}
{% include 'configuration::Bad' %}
{% include 'configuration::Err' %}
{% include 'configuration::Bad' ignore missing %}
{% if false %}{% include 'configuration::Bad' %}{% endif %}ok
{% include 'configuration::App' %}{{ l }}
{% include 'configuration::Blk' %}
{% include 'configuration::Mid' %}
{% macro m() %}M{% endmacro %}{% include 'configuration::Mac' %}
{% include 'configuration::Tr' %}|
{% import 'configuration::Lib' as L %}{{ L.m(1) }}{{ L.c }}
{% import 'configuration::Lib' as L with context %}{{ L.m(1) }}
{% import 'configuration::Lib' as L %}{{ L }}
{% import 'configuration::Lib' as L %}{{ L.nope }}{{ L.nope is defined }}
{% import 'configuration::Lib' as L %}{{ L._p() }}
{% import 'configuration::nope' as L %}
{% from 'configuration::Lib' import m, c %}{{ m(2) }}{{ c }}
{% from 'configuration::Lib' import m as q %}{{ q(2) }}{{ m is defined }}
{% from 'configuration::Lib' import m with context %}{{ m(2) }}
{% from 'configuration::Lib' import m, c with context %}{{ m(2) }}
{% from 'configuration::Lib' import nope %}{{ nope }}
{% from 'configuration::Lib' import nope %}{{ nope() }}
{% from 'configuration::Lib' import nope %}{{ nope is defined }}
{% from 'configuration::Lib' import _p %}
{% from 'configuration::Lib' import m, %}{{ m(1) }}
{% from 'configuration::Lib' import (m) %}
{% from 'configuration::Lib' import %}
{% from 'configuration::Lib' import * %}
{% import 'configuration::Lib' %}
{% extends 'configuration::Base' %}
{% extends 'configuration::Base' %}x{% block b %}y{% endblock %}z
{% extends 'configuration::Base' %}{% block b %}{{ super() }}{{ super()|upper }}{% endblock %}
{% extends 'configuration::Mid' %}{% block b %}top{{ super() }}{% endblock %}
{% extends 'configuration::Mid' %}{% block b %}top{{ super.super() }}{% endblock %}
{% extends 'configuration::Base' %}{% set z=1 %}{% block b %}{{ z }}{% endblock %}
{% set z=1 %}{% extends 'configuration::Base' %}{% block b %}{{ z }}{% endblock %}
{% extends 'configuration::Base' %}{% block h %}{{ self.b() }}{% endblock %}
{% extends 'configuration::Base' %}{% macro m() %}M{% endmacro %}{% block b %}{{ m() }}{% endblock %}
{% extends 'configuration::Base' %}{% from 'configuration::Lib' import m %}{% block b %}{{ m(1) }}{% endblock %}
{% if true %}{% extends 'configuration::Base' %}{% endif %}{% block b %}q{% endblock %}
{% if false %}{% extends 'configuration::Base' %}{% endif %}{% block b %}q{% endblock %}
{% extends x %}
{% extends 'configuration::Base' if x else 'configuration::Mid' %}
{% extends 'configuration::Base' %}{% extends 'configuration::Mid' %}
text{% extends 'configuration::Base' %}
{% extends 'configuration::Req' %}
{% extends 'configuration::Req' %}{% block r %}R{% endblock %}
{% extends 'configuration::nope' %}
{% extends 'configuration::Base' %}{% block nope %}n{% endblock %}
{% extends 'configuration::Base' %}{% block b %}{% block inner %}i{% endblock %}{% endblock %}
{% extends 'configuration::Base' %}{% block b %}{% include 'configuration::A' %}{% endblock %}
{% include 'configuration::Base' %}{% block b %}q{% endblock %}
{% block b %}{% for i in l %}{{ loop.index }}{% endfor %}{% endblock %}
{% for i in l %}{% block b scoped %}{{ i }}{{ loop.index }}{% endblock %}{% endfor %}
{% block b %}{{ v }}{% endblock %}{{ self.b()|lower }}
{% block a %}{% block b %}x{% endblock %}{% endblock %}{{ self.b() }}
{% block a-b %}{% endblock %}
{% block 'a' %}{% endblock %}
{% block a %}
"""

HABITS = r"""
{{ 'a,b;c'|replace(';',',')|replace(',','-') }}
{{ ('a' ~ 'b')|upper }}
{{ l|map('multiply',2)|list }}
{{ l | select('divisibleby', 2) | list }}
{{ l | select('even') | map('string') | join }}
{{ (l | map('string') | list)[0] }}
{{ l | map('string') | first }}
{{ l | map('string') | last }}
{{ l|map('string')|length }}
{{ l|select|length }}
{{ l|map('string')|sort }}
{{ l|map('string') ~ '' is string }}
{{ l|reverse|first }}
{{ l|reverse|length }}
{% set m = l|map('string') %}{{ m|join }}{{ m|join }}
{% set m = l|select %}{% for i in m %}{{ i }}{% endfor %}{% for i in m %}{{ i }}{% endfor %}
{{ l|batch(2)|first }}
{{ l|batch(2)|length }}
{{ l|groupby(0) }}
{{ l|list|length }}
{{ range(3)|map('string')|join(',') }}
{{ {'a':1}.items()|list|first }}
{{ dict(l|zip(l)) }}
{{ l.__class__ }}
{{ l['__class__'] }}
{{ l|attr('__class__') }}
{{ l.append.__self__ }}
{{ ''.format.__func__ }}
{{ '{0.__class__}'.format(1) }}
{{ {'_a':1}._a }}
{{ {'__a':1}['__a'] }}
{{ {'_a':1}|attr('_a') }}
{{ namespace(_a=1)._a }}
{{ v.upper().lower().title() }}
{{ v.upper }}
{{ v.__len__() }}
{{ (1).real }}{{ (1).imag }}{{ (1.5).real }}{{ true.real }}
{{ (5).numerator }}{{ (5).denominator }}
{{ (255).to_bytes(2,'big') }}
{{ (5).bit_length() }}
{{ (1.5).hex() }}
{{ (1.5).as_integer_ratio() }}
{{ 1.5.is_integer() }}
{{ (2.0).is_integer() }}
{{ (-5).bit_length() }}
{{ (3).conjugate() }}
{{ 5.bit_length() }}
{{ (1,2,3)[1:] }}
{{ l[-2:] }}{{ l[:-1] }}{{ l[::2] }}{{ l[::-1] }}{{ l[5:] }}{{ l[-5:2] }}{{ l[1:1] }}
{{ 'abc'[-2] }}{{ 'abc'[::-2] }}
{% set a = l[:] %}{% set _ = a.append(1) %}{{ l }}{{ a }}
{% set a = l %}{% set _ = a.append(1) %}{{ l }}
{% set a = l|list %}{% set _ = a.append(1) %}{{ l }}
{% set a = l|sort %}{% set _ = a.append(0) %}{{ a }}{{ l }}
{% set a = l + [] %}{% set _ = a.append(0) %}{{ a }}{{ l }}
{% set d = {} %}{% for i in l %}{% set _ = d.update({i: i*2}) %}{% endfor %}{{ d }}
{% set d = {} %}{% for i in l %}{% set _ = d.setdefault(i % 2, []).append(i) %}{% endfor %}{{ d }}
{% set d = {'a':[1]} %}{% set _ = d.a.append(2) %}{{ d }}
{% set d = {'a':{'b':1}} %}{% set _ = d.a.update(c=2) %}{{ d }}
{% set x = [] %}{% if x.append(1) %}{% endif %}{{ x }}
{% set x = [] %}{{ x.append(1) or '' }}{{ x }}
{% set x = [] %}{% for i in l %}{{ x.append(i) if i > 1 }}{% endfor %}{{ x }}
{% set x = [3,1,2] %}{{ x.sort() }}{{ x }}
{% set x = [[2,'b'],[1,'a']] %}{{ x.sort() }}{{ x }}
{% set x = [1,'a'] %}{{ x.sort() }}
{% set x = ['b','A'] %}{{ x.sort() }}{{ x }}{{ x|sort }}
{% set ns = namespace(x=0) %}{% for i in l if i > 1 %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}
{% set ns = namespace(found=false) %}{% for i in l %}{% if i == 2 %}{% set ns.found = true %}{% endif %}{% endfor %}{{ ns.found }}
{% set a = namespace(b=namespace(c=1)) %}{{ a.b.c }}{% set a.b.c = 2 %}
{% for k, v in {'b':1,'a':2}|dictsort %}{{ k }}{{ v }}{% endfor %}
{% for k, g in [{'t':1,'n':'a'},{'t':2,'n':'b'},{'t':1,'n':'c'}]|groupby('t') %}{{ k }}:{{ g|map(attribute='n')|join(',') }};{% endfor %}
{% for i in l %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}
{% for i in l %}{{ ", " if not loop.first }}{{ i }}{% endfor %}
{% for i in l %}{{ loop.cycle('a','b') }}{{ loop.index is odd }}{% endfor %}
{% for row in l|batch(2, '-') %}{{ row|join(',') }};{% endfor %}
{% for col in l|slice(2) %}{{ col }}{% endfor %}
{% for i in range(10, 0, -3) %}{{ i }},{% endfor %}
{% for i in range(l|length) %}{{ l[i] }}{% endfor %}
{% for a in l for b in l %}{% endfor %}
{% for i in l %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}
{{ "%s-%s"|format(v, l[0]) }}
{{ "{} {}".format(v, l) }}
{{ "{:<10}|".format(v) }}
{{ v.center(5,'*') }}
{{ (v ~ ',') * 3 }}
{{ v in 'VW' }}
{{ [v]|map('lower')|first }}
{{ v is string and v|length == 1 }}
{{ undefined_thing|default('d')|upper }}
{{ (l|first) + (l|last) }}
{{ l|sum / l|length }}
{{ (l|sum) / (l|length) }}
{{ l|sum // 4 }}
{{ 10 // 3 }}{{ 10 % 3 }}{{ 10 / 4 }}
{{ '10'|int + 5 }}
{{ '10' ~ 5 }}
{{ 1 if v == 'V' }}
{{ 'yes' if v else 'no' }}
{{ {'V':'five'}[v] }}
{{ {'V':'five'}.get('X','none') }}
{{ [1,2,3,4]|select('gt',2)|list }}
{{ ['a','b']|map('upper')|map('replace','A','x')|join }}
{{ l|tojson }}
{{ {'z':1,'a':{'y':1,'b':2}}|tojson }}
{{ 'x'|tojson|length }}
{{ "a\"b"|tojson }}
{{ -l|first }}
{{ not l }}
{{ l == [1,2,3] }}
{{ l != [] and v }}
{{ l[0] < l[1] < l[2] }}
{{ 1 < 2 == 2 }}
{{ 'b' in {'a':1,'b':2} }}
{{ ('a','b') in [('a','b')] }}
{{ none|default('x', true) }}
{{ ''|default('x') }}|
{{ x.y|default('z') }}
{{ x|default({})|length }}
{{ 1.0|string }}{{ 1e3|int }}{{ 3.99|int }}
{{ 1.10 }}{{ 100.0 }}{{ 1e2 }}{{ 0.1 + 0.2 }}{{ 1/3 }}
{{ 3 * 1.1 }}
{{ 2 ** 0.5 }}
{{ 1e16 }}{{ 1e15 }}{{ 123456789012345678 }}
{{ 1e-4 }} {{ 1e-5 }}
{{ -0.0 }}
{{ 1.5|round }}{{ 2.5|round }}{{ 0.5|round|int }}
{{ 7.0 // 2 }}{{ -7 // 2 }}{{ 7 % -3 }}
{{ true + true }}
{{ '%.2f'|format(1/3) }}
{{ '%05d' % 42 }}
{{ '%s' % none }}
{% macro m(a) %}<{{ a }}>{% endmacro %}{% set ns = namespace(f=m) %}{{ ns.f(1) }}{{ {'f': m}.f(2) }}{{ [m][0](3) }}
"""

INCLUDED = {
    "configuration::A": "[{{ v }}{{ x }}]",
    "configuration::Lib": "{% macro m(a) %}<{{ a }}{{ v }}>{% endmacro %}{% set c = 5 %}{% macro _p() %}p{% endmacro %}text",
    "configuration::Base": "B{% block h %}H{% endblock %}{% block b %}base{{ v }}{% endblock %}E{{ z }}",
    "configuration::Mid": "{% extends 'configuration::Base' %}{% block b %}mid{{ super() }}{% endblock %}",
    "configuration::Nl": "x\n",
    "configuration::Nl2": "x\n\n",
    "configuration::Set": "{% set x = 9 %}{% set l = 8 %}",
    "configuration::Loop": "{% for i in l %}{{ loop.index }}{% endfor %}",
    "configuration::Rec": "{% if n %}{{ n }}{% set n = n - 1 %}{% include 'configuration::Rec' %}{% endif %}",
    "configuration::Bad": "ok\n{{ 1 + }}",
    "configuration::Err": "a\nb{{ x.y }}",
    "configuration::Req": "{% block r required %}{% endblock %}",
    "configuration::App": "{% set _ = l.append(4) %}",
    "configuration::Blk": "{% block b %}blk{% endblock %}",
    "configuration::Mac": "{{ m() }}",
    "configuration::Tr": "{% if 1 %}\n  y\n{% endif %}\n",
}
