-- Own hosts that open sessions to own hosts which are known to pass these on: every visit of the
-- former, and what they open to the latter and to outsiders.
--
-- Read   sessions
--        hops       (host, server, port, protocol): own hosts, of which `server` serves `host`
--                   at that port, and passes on what comes there

-- step: handed
select distinct conversation, client as host
from sessions
join hops on hops.host = sessions.client and hops.server = sessions.server
         and hops.port = sessions.port and hops.protocol = sessions.protocol
where inside = 'both'

-- step: suspects
select distinct host from handed

-- step: opened
select client as host, sessions.port, sessions.protocol, server as peer, sessions.conversation,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets,
       max(sampling) as sampling
from sessions
join suspects on suspects.host = sessions.client
left join handed on handed.conversation = sessions.conversation
where sessions.port not in (53, 853) and (inside = 'client' or handed.conversation is not null)
group by client, server, sessions.port, sessions.protocol, sessions.conversation

-- step: visits
select server as host, sessions.port, sessions.protocol, client as peer, conversation,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets,
       max(sampling) as sampling,
       max(case when inside = 'server' then 1 else 0 end) as from_outside
from sessions join suspects on suspects.host = sessions.server
where inside in ('server', 'both') and established
group by server, sessions.port, sessions.protocol, client, conversation

-- step: services
select host, port, protocol
from visits
group by host, port, protocol
having count(*) >= 6

-- step: answer
select 'in' as leg, visits.host, visits.port, visits.protocol, peer, opened_at, closed_at,
       up_bytes, up_packets, down_bytes, down_packets, sampling, from_outside
from visits
join services on services.host = visits.host and services.port = visits.port
             and services.protocol = visits.protocol
union all
select 'out' as leg, host, port, protocol, peer, opened_at, closed_at,
       up_bytes, up_packets, down_bytes, down_packets, sampling, 0 as from_outside
from opened
order by leg, host, port, protocol, opened_at, peer, closed_at, up_bytes, down_bytes
