-- Outsiders that knock on own doors in vain, the doors that opened, and what changed there.
--
-- Read   sessions
--        lit        (host): own addresses somebody lives at; all others are dark
--        space      (family, addresses, lit): how many own addresses there are, and how many are lit
--        masters    (server): servers that hijacked hosts call, as far as they are known
--
-- A door is (own host, protocol, port).

-- step: in_vain
-- A SYN that brought no SYN+ACK, or a datagram that brought nothing. What floods with spoofed
-- sources bring back (SYN+ACK, RST, datagrams from a service) opens nothing and is no knock.
-- Pings are left out: errors come by the same protocol.
select client as source, server as host, protocol, port,
       min(started_at) as first_at, max(closed_at) as last_at
from sessions
where inside = 'server' and client_packets > 0
  and ((protocol = 6 and (client_flags & 18) = 2 and (coalesce(server_flags, 0) & 18) <> 18)
       or (protocol = 6 and client_flags is null and sampling = 1 and not established
           and oriented_by <> 'guess')
       or (protocol = 17 and server_packets = 0 and client_port >= 1024))
group by client, server, protocol, port

-- step: knocks
-- Of datagrams, those to dark addresses: many a live host is silent to them.
select source, in_vain.host, protocol, port, first_at, last_at,
       case when lit.host is null then 1 else 0 end as dark
from in_vain left join lit on lit.host = in_vain.host
where protocol = 6 or lit.host is null

-- step: sources
-- The walk needs four steps to convict (dark_scan.py).
select source from knocks group by source having count(*) >= 4

-- step: opened
select client as source, server as host, protocol, port,
       min(started_at) as first_at, max(closed_at) as last_at, max(sampling) as sampling
from sessions join sources on sources.source = sessions.client
where inside = 'server'
  and ((protocol = 6 and (established or (coalesce(server_flags, 0) & 18) = 18))
       or (protocol = 17 and server_packets > 0))
group by client, server, protocol, port

-- step: doors
select knocks.source, knocks.host, knocks.protocol, knocks.port, 0 as opened, knocks.dark,
       knocks.first_at, knocks.last_at
from knocks
join sources on sources.source = knocks.source
left join opened
  on opened.source = knocks.source and opened.host = knocks.host
 and opened.protocol = knocks.protocol and opened.port = knocks.port
where opened.source is null
union all
select source, host, protocol, port, 1 as opened, 0 as dark, first_at, last_at
from opened

-- step: touched
-- Whom neither four more shut doors than open ones nor four dark addresses accuse, nothing can.
select source, count(distinct host) as hosts,
       count(distinct case when dark = 1 then host end) as dark_hosts
from doors
group by source
having sum(1 - opened) >= sum(opened) + 4 or count(distinct case when dark = 1 then host end) >= 4

-- step: darkness
-- The share of own addresses that are dark, by family; of IPv6 practically all are.
select max(case when family = 4 and addresses > lit then (addresses - lit) / addresses else 0.0 end) as dark_share,
       max(case when family = 6 and addresses > lit then (addresses - lit) / addresses else 0.0 end) as dark_share_v6
from space

-- step: answered
select source, host, protocol, port, first_at, sampling
from (
    select opened.*, row_number() over (
               partition by opened.source order by first_at, host, protocol, port
           ) as place
    from opened join touched on touched.source = opened.source
) as ordered
where place <= 100

-- step: tried
-- Any of the hosts tells the family of them all.
select 'doors' as part, doors.source, min(doors.host) as host, doors.protocol, doors.port,
       cast(null as string) as what,
       sum(1 - doors.opened) as failed, sum(doors.opened) as opened, sum(doors.dark) as dark,
       max(hosts) as hosts, max(dark_hosts) as dark_hosts, max(dark_share) as dark_share,
       max(dark_share_v6) as dark_share_v6,
       min(doors.first_at) as first_at, max(doors.last_at) as last_at
from doors
join touched on touched.source = doors.source
cross join darkness
group by doors.source, doors.protocol, doors.port

-- step: answering
select distinct host from answered

-- step: calls
-- What is first under sampling is chance: only unsampled records tell of changes.
select sessions.client as host, min(started_at) as since,
       min(case when established and inside = 'client' and sessions.port = 25 then opened_at end) as mail_at,
       min(case when established and masters.server is not null then opened_at end) as master_at,
       max(case when masters.server is not null then sessions.port end) as master_port
from sessions
join answering on answering.host = sessions.client
left join masters on masters.server = sessions.server
where inside in ('client', 'both') and sampling = 1
group by sessions.client

-- step: visits
select sessions.server as host, sessions.port, min(started_at) as since,
       min(case when established and inside = 'server' and protocol = 6 and sources.source is null
                then opened_at end) as service_at
from sessions
join answering on answering.host = sessions.server
left join sources on sources.source = sessions.client
where inside in ('server', 'both') and sampling = 1
group by sessions.server, sessions.port

-- step: seen
select host, min(since) as since
from (select host, since from calls union all select host, since from visits) as either
group by host

-- step: firsts
-- The first time each served others on a port, sent mail, called a master.
select host, 'service' as what, port, service_at as began_at from visits
where service_at is not null
union all
select host, 'mail' as what, 25 as port, mail_at as began_at from calls
where mail_at is not null
union all
select host, 'master' as what, master_port as port, master_at as began_at from calls
where master_at is not null

-- step: changes
-- New is what a host did not do in its first twenty minutes in sight.
select firsts.host, what, port, began_at
from firsts join seen on seen.host = firsts.host
where began_at >= since + 1200000000

-- step: changed
select answered.source, answered.host, what, changes.port, changes.began_at, min(answered.first_at) as knocked_at
from answered join changes on changes.host = answered.host and changes.began_at > answered.first_at
group by answered.source, answered.host, what, changes.port, changes.began_at

-- step: answer
select * from tried
union all
select 'answered' as part, source, host, protocol, port, cast(null as string) as what,
       0 as failed, 1 as opened, 0 as dark, 0 as hosts, 0 as dark_hosts, 0.0 as dark_share,
       0.0 as dark_share_v6,
       first_at, first_at as last_at
from answered
union all
select 'changed' as part, source, host, 6 as protocol, port, what,
       0 as failed, 0 as opened, 0 as dark, 0 as hosts, 0 as dark_hosts, 0.0 as dark_share,
       0.0 as dark_share_v6,
       knocked_at as first_at, began_at as last_at
from changed
order by part, source, failed desc, first_at, host, protocol, port, what
