-- Outside servers that suspects call more than others do, with every call to them.
--
-- Read   sessions
--        suspects   (host, port, confidence, relays): what `hijacked` says so far
--        indicators (server): masters known from malware analysis

-- step: calls
-- Mail is the abuse itself and names are looked up by everyone: neither is calling home.
select server, port, protocol, client as host, conversation,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(server_bytes) as down_bytes,
       max(case when established then 1 else 0 end) as established,
       max(sampling) as sampling
from sessions
where inside = 'client' and port not in (25, 465, 587, 110, 143, 993, 995, 53, 853)
group by server, port, protocol, client, conversation

-- step: likely
select host, port, confidence from suspects where confidence >= 0.3

-- step: callers
select count(distinct calls.host) as hosts, count(distinct likely.host) as suspects,
       count(distinct server) as servers
from calls left join likely on likely.host = calls.host

-- step: servers
select server, count(distinct calls.host) as clients, count(distinct likely.host) as sick
from calls left join likely on likely.host = calls.host
group by server

-- step: favoured
-- At least two sick clients, and five times as many as a blind draw would give; or known
-- to somebody who took the malware apart.
select servers.server, clients, sick,
       case when indicators.server is not null then 1 else 0 end as indicated
from servers cross join callers left join indicators on indicators.server = servers.server
where (sick >= 2 and sick * hosts >= 5 * clients * suspects) or indicators.server is not null

-- step: relayed
-- When somebody last opened a session to the suspect's relay before it made each call: what
-- follows an inbound session at once is relayed traffic, not the host's own.
select client as host, conversation, opened_at, 1 as call
from sessions join suspects on suspects.host = sessions.client
where inside = 'client'
union all
select server as host, conversation, opened_at, 0 as call
from sessions join suspects on suspects.host = sessions.server and suspects.port = sessions.port
where inside = 'server' and established

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
-- The share of the window that lies within two seconds of a visit: what chance gives.
select waits.host,
       sum(case when coalesce(next_at, opened_at + 2000000) - opened_at < 2000000
                then next_at - opened_at else 2000000 end) as covered_us
from waits
where call = 0
group by waits.host

-- step: answer
select calls.server, calls.port, calls.protocol, calls.host, calls.opened_at, calls.closed_at,
       calls.up_bytes, calls.down_bytes, calls.established, calls.sampling,
       favoured.clients, favoured.sick, favoured.indicated, callers.hosts, callers.suspects, callers.servers,
       suspects.confidence,
       case when waits.opened_at - visited_at <= 2000000 then 1 else 0 end as followed,
       coalesce(covered_us, 0) as covered_us
from calls
join favoured on favoured.server = calls.server
cross join callers
left join suspects on suspects.host = calls.host
left join waits on waits.host = calls.host and waits.conversation = calls.conversation and waits.call = 1
left join covered on covered.host = calls.host
order by server, host, opened_at, port, closed_at, up_bytes, down_bytes
