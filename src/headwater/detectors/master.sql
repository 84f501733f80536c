-- Outside servers that suspects call more than others do, with every call to them.
--
-- Read   sessions
--        suspects   (host, port, confidence, relays, tunnel, since_us, called, apart): what
--                   `hijacked` says so far; tunnel: errands come by a long session,
--                   unannounced; since_us: first evidence; apart: how likely without what
--                   was said of its calling `called`
--        gateways   (server): whom any of them dials to be used; it may well be its master, too
--        indicators (server): masters known from malware analysis

-- steps: peers.sql

-- step: edge
select min(started_at) as first_at from sessions

-- step: ongoing
-- A conversation has a row for each hour it goes on. One that was opened before the window is
-- counted by its first row in it, any other by the row in which it was opened.
select conversation, min(started_at) as started_at
from sessions cross join edge
where opened_at < first_at
group by conversation

-- step: visiting
-- A few sampled packets of the middle do not tell who began: of two high ports the lower is taken
-- for the service's. But who is spoken to from one port of several hosts, at ever other ports,
-- visits them all.
select server as source, min(client_port) as port
from sessions
where inside = 'client' and sampling > 1 and oriented_by = 'guess'
group by server
having min(client_port) = max(client_port) and min(client) < max(client) and min(port) < max(port)

-- step: every_pair
-- Mail is the abuse itself, names and the time everyone asks for: none of it is calling home.
-- These are told in few octets a packet.
select server, sessions.port, client as host, max(sampling) as sampling,
       sum(case when opened_at = sessions.started_at or ongoing.conversation is not null
                then 1 else 0 end) as times
from sessions
left join ongoing
  on ongoing.conversation = sessions.conversation and ongoing.started_at = sessions.started_at
left join visiting
  on visiting.source = sessions.server and visiting.port = sessions.client_port
 and sessions.oriented_by = 'guess'
left join peers on peers.peer = sessions.server
where inside = 'client' and visiting.source is null and peers.peer is null
  and sessions.port not in (25, 465, 587, 110, 143, 993, 995)
  and (sessions.port not in (53, 123, 853)
       or client_bytes > 640 * client_packets or server_bytes > 640 * server_packets)
group by server, sessions.port, client

-- step: every_met
select server, host, count(*) as ports, sum(times) as calls from every_pair group by server, host

-- step: every_server
select server, count(*) as clients from every_met group by server

-- step: every_caller
select host, count(*) as met, sum(calls) as calls from every_met group by host

-- step: theirs
-- All that suspects open to others. What comes from the very port on which one is visited answers
-- a visitor, whom the records show the wrong way round. What one of them dials to be used the
-- others dial for the same: of gateways that take turns each is called too seldom to tell.
select suspects.host, sessions.server, sessions.port, conversation, opened_at, client_bytes,
       established,
       case when client_port = suspects.port then 1 else 0 end as answering,
       case when gateways.server is not null and not coalesce(tunnel, false)
            then 1 else 0 end as dialling
from sessions join suspects on suspects.host = sessions.client
left join gateways on gateways.server = sessions.server
where inside = 'client'

-- step: answers
-- Of the calls that were counted, those that are none.
select theirs.server, theirs.port, theirs.host,
       least(count(distinct conversation), max(times)) as calls
from theirs
join every_pair on every_pair.server = theirs.server and every_pair.port = theirs.port
               and every_pair.host = theirs.host
where answering = 1
group by theirs.server, theirs.port, theirs.host

-- step: likely
select host, port, confidence from suspects where confidence >= 0.3

-- step: only_answers
select every_pair.server, every_pair.host, count(*) as ports
from every_pair
join answers on answers.server = every_pair.server and answers.port = every_pair.port
            and answers.host = every_pair.host and answers.calls >= every_pair.times
group by every_pair.server, every_pair.host

-- step: not_met
-- Whom a host did nothing but answer it does not go to.
select every_met.server, every_met.host
from every_met join only_answers
  on only_answers.server = every_met.server and only_answers.host = every_met.host
 and only_answers.ports = every_met.ports

-- step: sick_met
select every_met.server, count(*) as sick
from every_met
join likely on likely.host = every_met.host
left join not_met on not_met.server = every_met.server and not_met.host = every_met.host
where not_met.host is null
group by every_met.server

-- step: servers
select every_server.server, clients - coalesce(fewer, 0) as clients, coalesce(sick, 0) as sick
from every_server
left join (select server, count(*) as fewer from not_met group by server) as less
  on less.server = every_server.server
left join sick_met on sick_met.server = every_server.server
where clients > coalesce(fewer, 0)

-- step: busy
-- To how many places each host goes: who goes everywhere is no surprise anywhere.
select every_caller.host, met - coalesce(fewer, 0) as met,
       every_caller.calls - coalesce(answered.calls, 0) as calls,
       case when likely.host is null then 0 else 1 end as sick,
       greatest(coalesce(suspects.confidence, 0.0), 0.002) as confidence
from every_caller
left join (select host, count(*) as fewer from not_met group by host) as less
  on less.host = every_caller.host
left join (select host, sum(calls) as calls from answers group by host) as answered
  on answered.host = every_caller.host
left join likely on likely.host = every_caller.host
left join suspects on suspects.host = every_caller.host
where met > coalesce(fewer, 0)

-- step: callers
select count(*) as hosts, sum(sick) as suspects, sum(confidence) as expected, sum(met) as met_in_all
from busy

-- step: crowded
-- Shared hosting: sick clients among others. There a master is one port of the server, or
-- those clients alone that keep calling it.
select server from servers where sick >= 2 and clients > sick

-- step: pairs
select every_pair.server, every_pair.port, every_pair.host, sampling,
       every_pair.times - coalesce(answers.calls, 0) as calls,
       case when likely.host is null then 0 else 1 end as sick
from every_pair
join crowded on crowded.server = every_pair.server
left join answers on answers.server = every_pair.server and answers.port = every_pair.port
                 and answers.host = every_pair.host
left join likely on likely.host = every_pair.host
where answers.host is null or every_pair.times > answers.calls

-- step: doors
-- How many of the sick, and of the others, come to the web's first door, and to its second.
select every_pair.server,
       count(case when every_pair.port = 80 then likely.host end) as sick_at_80,
       count(case when every_pair.port = 443 then likely.host end) as sick_at_443,
       sum(case when every_pair.port = 80 and likely.host is null then 1 else 0 end) as well_at_80,
       sum(case when every_pair.port = 443 and likely.host is null then 1 else 0 end) as well_at_443
from every_pair
join servers on servers.server = every_pair.server and servers.sick >= 2
left join likely on likely.host = every_pair.host
where every_pair.port in (80, 443)
group by every_pair.server

-- step: on_ports
-- Port 80 is a site's other door, at which mostly programs knock: no place of its own.
select server, port, count(*) as clients, sum(sick) as sick
from pairs
where port <> 80
group by server, port

-- step: often
-- Who calls one port again and again: three waits have quartiles worth the name. Under
-- sampling no call has a shape.
select server, port, host, sick
from pairs
where calls >= 4 and sampling = 1

-- step: by_two
select server, port from often group by server, port having sum(sick) >= 2

-- step: sick_calls
-- What came from the sick to a place that two of them call often, call by call; then how long
-- after the one before.
select theirs.server, theirs.port, theirs.host, conversation,
       min(opened_at) as opened_at, sum(client_bytes) as up_bytes
from theirs
join by_two on by_two.server = theirs.server and by_two.port = theirs.port
join often on often.server = theirs.server and often.port = theirs.port
          and often.host = theirs.host and often.sick = 1
where answering = 0
group by theirs.server, theirs.port, theirs.host, conversation

-- step: sick_waits
select server, port, host, up_bytes,
       opened_at - lag(opened_at) over (
           partition by server, port, host order by opened_at, conversation
       ) as waited
from sick_calls

-- step: sick_ranked
select server, port, host, waited, up_bytes,
       row_number() over (partition by server, port, host order by waited) as by_wait,
       row_number() over (partition by server, port, host order by up_bytes) as by_size,
       count(*) over (partition by server, port, host) as waits
from sick_waits
where waited is not null

-- step: sick_quartiles
-- Of waits the lower and the upper, for a call that is missed doubles one. Of sizes the
-- octiles, for a program asks the same every time: of up to eight the least and the most.
select server, port, host,
       max(case when by_wait = floor((waits + 3) / 4) then waited end) as short_wait,
       max(case when by_wait = waits + 1 - floor((waits + 3) / 4) then waited end) as long_wait,
       max(case when by_size = floor((waits + 7) / 8) then up_bytes end) as small,
       max(case when by_size = waits + 1 - floor((waits + 7) / 8) then up_bytes end) as large
from sick_ranked
group by server, port, host

-- step: polled_by_two
-- Where two of the sick call as a program does. Calls by chance have quartiles that differ by 0.66
-- of their sum (exponential waits): half of that is kept by a timer that strays by a third. What
-- people ask for differs in size by half of the sum and more: a fixed question hardly by a
-- fifth, packets sent twice included.
select server, port
from sick_quartiles
where 3 * (long_wait - short_wait) <= long_wait + short_wait
  and 5 * (large - small) <= large + small
group by server, port
having count(*) >= 2

-- step: often_calls
-- The same of everybody who calls these often.
select sessions.server, sessions.port, client as host, conversation,
       min(opened_at) as opened_at, sum(client_bytes) as up_bytes
from sessions
join polled_by_two on polled_by_two.server = sessions.server and polled_by_two.port = sessions.port
join often on often.server = sessions.server and often.port = sessions.port
          and often.host = sessions.client
left join suspects
  on suspects.host = sessions.client and suspects.port = sessions.client_port
where inside = 'client' and suspects.host is null
group by sessions.server, sessions.port, client, conversation

-- step: often_waits
select server, port, host, up_bytes,
       opened_at - lag(opened_at) over (
           partition by server, port, host order by opened_at, conversation
       ) as waited
from often_calls

-- step: often_ranked
select server, port, host, waited, up_bytes,
       row_number() over (partition by server, port, host order by waited) as by_wait,
       row_number() over (partition by server, port, host order by up_bytes) as by_size,
       count(*) over (partition by server, port, host) as waits
from often_waits
where waited is not null

-- step: quartiles
select server, port, host,
       max(case when by_wait = floor((waits + 3) / 4) then waited end) as short_wait,
       max(case when by_wait = waits + 1 - floor((waits + 3) / 4) then waited end) as long_wait,
       max(case when by_size = floor((waits + 7) / 8) then up_bytes end) as small,
       max(case when by_size = waits + 1 - floor((waits + 7) / 8) then up_bytes end) as large
from often_ranked
group by server, port, host

-- step: pollers
select server, port, host
from quartiles
where 3 * (long_wait - short_wait) <= long_wait + short_wait
  and 5 * (large - small) <= large + small

-- step: polled
select pollers.server, pollers.port, count(distinct pollers.host) as clients,
       count(distinct likely.host) as sick
from pollers left join likely on likely.host = pollers.host
group by pollers.server, pollers.port

-- step: places
-- Where a master may be: `whole` a server, a `port` of it that has clients of its own, or
-- what there is for those who `poll` it.
select server, cast(null as int) as port, 'whole' as part, clients, sick from servers
union all
select on_ports.server, port, 'port' as part, on_ports.clients, on_ports.sick
from on_ports join servers on servers.server = on_ports.server
where on_ports.clients < servers.clients
union all
select polled.server, port, 'poll' as part, polled.clients, polled.sick
from polled join servers on servers.server = polled.server
where polled.clients < servers.clients

-- step: asked
-- The number of questions: places that several go to.
select count(*) as places from places where clients >= 2

-- step: likelier
-- At least two sick clients, and five times as many as a blind draw would give; or known
-- to somebody who took the malware apart.
select places.server, port, part,
       case when indicators.server is not null then 1 else 0 end as indicated
from places cross join callers left join indicators on indicators.server = places.server
where (sick >= 2 and sick * hosts >= 5 * clients * suspects)
   or (part = 'whole' and indicators.server is not null)

-- step: shares
select 0.9 as share union all select 0.5 as share union all select 0.25 as share
union all select 0.125 as share union all select 0.0625 as share

-- step: voters
select likelier.server, likelier.port, part, host
from likelier join every_met on every_met.server = likelier.server
where part = 'whole'
union all
select likelier.server, likelier.port, part, host
from likelier join pairs on pairs.server = likelier.server and pairs.port = likelier.port
where part = 'port'
union all
select likelier.server, likelier.port, part, host
from likelier join pollers on pollers.server = likelier.server and pollers.port = likelier.port
where part = 'poll'

-- step: votes
-- How many times likelier a draw from the sick finds each than a blind one: see votes.py.
select voters.server, voters.port, part, share,
       sum(ln(1.0 - share + share * busy.confidence * hosts / expected
              * least(1.0, met_in_all * 1.0 / hosts / met))) as told
from voters join busy on busy.host = voters.host
cross join callers cross join shares
group by voters.server, voters.port, part, share

-- step: company
select server, port, part, max(told) as told from votes group by server, port, part

-- step: favoured
-- Against so many places to choose from, five sick to a master, company tells so much at best.
-- What else may speak for a server adds up to no more than nine (log-odds).
select likelier.server, likelier.port, likelier.part, indicated
from likelier cross join callers cross join asked
left join company on company.server = likelier.server and company.part = likelier.part
                 and coalesce(company.port, 0) = coalesce(likelier.port, 0)
where indicated = 1
   or told >= ln(greatest(1.0, places / greatest(1.0, expected / 5))) - 9

-- step: calls
-- Every call to these, but answers.
select sessions.server, sessions.port, client as host, conversation,
       min(opened_at) as opened_at, sum(client_bytes) as up_bytes,
       sum(client_bytes + server_bytes) as bytes, sum(server_packets) as down_packets,
       max(sampling) as sampling
from sessions
join (select distinct server from favoured) as asked_about on asked_about.server = sessions.server
left join suspects
  on suspects.host = sessions.client and suspects.port = sessions.client_port
left join visiting
  on visiting.source = sessions.server and visiting.port = sessions.client_port
 and sessions.oriented_by = 'guess'
where inside = 'client' and sessions.port not in (25, 465, 587, 110, 143, 993, 995)
  and (sessions.port not in (53, 123, 853)
       or client_bytes > 640 * client_packets or server_bytes > 640 * server_packets)
  and suspects.host is null and visiting.source is null
group by sessions.server, sessions.port, client, conversation

-- step: relayed
-- When somebody last opened a session to the suspect's relay before it made each call: what
-- follows an inbound session at once is relayed traffic, not the host's own. Of who dials a
-- gateway for each errand, its sessions with that are the visits; whom it dials first, the
-- gateway or the other end, depends on the program.
select host, conversation, min(opened_at) as opened_at, 1 as call
from theirs
where answering = 0 and dialling = 0
group by host, conversation
union all
select server as host, conversation, opened_at, 0 as call
from sessions join suspects on suspects.host = sessions.server and suspects.port = sessions.port
where inside = 'server' and established
union all
select host, conversation, opened_at, 0 as call from theirs where dialling = 1 and established
union all
select host, conversation, opened_at - 2000000 as opened_at, 0 as call
from theirs
where dialling = 1 and established

-- step: waits
select host, conversation, call, opened_at,
       max(case when call = 0 then opened_at end) over (
           partition by host order by opened_at, call
           rows between unbounded preceding and current row
       ) as visited_at,
       lead(case when call = 0 then opened_at end) over (
           partition by host, call order by opened_at
       ) as next_at
from relayed

-- step: covered
-- The share of the window that lies within two seconds of a visit: what chance gives. And of
-- all that each host opens, how much follows one.
select waits.host,
       sum(case when call = 1 then 0
                when coalesce(next_at, opened_at + 2000000) - opened_at < 2000000
                then next_at - opened_at else 2000000 end) as covered_us,
       sum(call) as opened,
       sum(case when call = 1 and opened_at - visited_at <= 2000000 then 1 else 0 end) as carried
from waits
group by waits.host

-- step: mailed
-- What each host mails: who is dialled to be used brings it.
select client as host, sum(client_bytes) as mailed
from sessions
where inside = 'client' and port in (25, 465, 587)
group by client

-- step: mailers
select count(*) as mailers
from mailed

-- step: answer
select calls.server, favoured.part, calls.port, calls.host, calls.opened_at, calls.sampling,
       calls.bytes, calls.bytes - calls.up_bytes as down_bytes, calls.down_packets, coalesce(mailed, 0) as mailed, mailers,
       coalesce(sick_at_80, 0) as sick_at_80, coalesce(sick_at_443, 0) as sick_at_443,
       coalesce(well_at_80, 0) as well_at_80, coalesce(well_at_443, 0) as well_at_443, busy.met, busy.calls as calls_in_all, favoured.indicated, callers.hosts, callers.suspects,
       callers.expected, callers.met_in_all, asked.places, suspects.confidence, suspects.since_us,
       case when suspects.called = calls.server then suspects.apart else suspects.confidence end as apart,
       case when suspects.tunnel then 1 else 0 end as tunnel,
       case when suspects.relays then 1 else 0 end as relays,
       case when waits.opened_at - visited_at <= 2000000 and gateways.server is null
            then 1 else 0 end as followed,
       case when gateways.server is null then 0 else 1 end as gateway,
       coalesce(covered_us, 0) as covered_us, coalesce(covered.opened, 0) as opened,
       coalesce(covered.carried, 0) as carried
from calls
join favoured on favoured.server = calls.server
             and (favoured.port is null or favoured.port = calls.port)
cross join callers
cross join asked
cross join mailers
join busy on busy.host = calls.host
left join pollers on pollers.server = calls.server and pollers.port = calls.port
                 and pollers.host = calls.host
left join suspects on suspects.host = calls.host
left join waits on waits.host = calls.host and waits.conversation = calls.conversation and waits.call = 1
left join covered on covered.host = calls.host
left join mailed on mailed.host = calls.host
left join doors on doors.server = calls.server
left join gateways on gateways.server = calls.server
where favoured.part <> 'poll' or pollers.host is not null
order by server, part, host, opened_at, port
