-- For own hosts that both serve and call out: every session of theirs, on either leg.

-- step: inbound
-- What others opened to a service of ours, and got an answer on.
select server as host, port, protocol, client as peer, conversation,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets,
       max(sampling) as sampling,
       max(case when inside = 'server' then 1 else 0 end) as from_outside
from sessions
where inside in ('server', 'both') and established
group by server, port, protocol, client, conversation

-- step: services
select host, port, protocol
from inbound
group by host, port, protocol
having count(*) >= 6

-- step: callers
-- Hosts that opened sessions to the outside; name look-ups accompany everything and tie nothing.
select client as host
from sessions
where inside = 'client' and port not in (53, 853)
group by client
having count(distinct conversation) >= 4

-- step: suspects
select distinct services.host
from services join callers on services.host = callers.host

-- step: outbound
select sessions.client as host, sessions.port, sessions.protocol, sessions.server as peer,
       conversation,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets,
       max(sampling) as sampling
from sessions join suspects on suspects.host = sessions.client
where inside = 'client' and sessions.port not in (53, 853)
group by sessions.client, sessions.port, sessions.protocol, sessions.server, conversation

-- step: answer
select 'in' as leg, inbound.host, inbound.port, inbound.protocol, peer, opened_at, closed_at,
       up_bytes, up_packets, down_bytes, down_packets, sampling, from_outside
from inbound
join services
  on services.host = inbound.host and services.port = inbound.port
 and services.protocol = inbound.protocol
join suspects on suspects.host = inbound.host
union all
select 'out' as leg, host, port, protocol, peer, opened_at, closed_at,
       up_bytes, up_packets, down_bytes, down_packets, sampling, 0 as from_outside
from outbound
order by leg, host, port, protocol, opened_at, peer, closed_at, up_bytes, down_bytes
