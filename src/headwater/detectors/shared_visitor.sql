-- All visits of own hosts that an outsider comes to as well as to others, beside all that these
-- hosts open to others.
--
-- Read   sessions

-- steps: peers.sql

-- step: visits
-- Where every packet was counted `relay` sees more. Sites, mail and names are for everyone.
select conversation, server as host, port, protocol, client as peer,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets,
       max(sampling) as sampling
from sessions
where inside = 'server' and established and sampling > 1 and protocol = 6
  and port not in (25, 53, 80, 443, 465, 587, 853)
group by conversation, server, port, protocol, client

-- step: visitors
-- Who works with hosts comes again; sharers of a file meet each other once or twice.
select visits.peer
from visits left join peers on peers.peer = visits.peer
where peers.peer is null
group by visits.peer
having count(distinct host) >= 2 and count(*) >= 2 * count(distinct host)

-- step: hosts
select distinct host
from visits join visitors on visitors.peer = visits.peer

-- step: answer
select 'in' as leg, visits.host, port, protocol, visits.peer, conversation, opened_at, closed_at,
       up_bytes, up_packets, down_bytes, down_packets, sampling
from visits
join hosts on hosts.host = visits.host
union all
select 'out' as leg, sessions.client as host, sessions.port, sessions.protocol,
       sessions.server as peer, conversation,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets,
       max(sampling) as sampling
from sessions join hosts on hosts.host = sessions.client
where inside = 'client' and sessions.protocol = 6 and sessions.port not in (53, 853)
group by sessions.client, sessions.port, sessions.protocol, sessions.server, conversation
order by leg, host, peer, opened_at, conversation, closed_at
