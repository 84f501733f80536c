-- Own hosts that open sessions to one outsider again and again, beside all else they open.
--
-- Read   sessions

-- step: opened
select client as host, server as peer, port, protocol, conversation,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets,
       max(sampling) as sampling
from sessions
where inside = 'client' and port not in (53, 123, 853) and established
group by client, server, port, protocol, conversation

-- step: pairs
select host, peer, port, protocol, count(*) as sessions, max(sampling) as sampling
from opened
where port not in (25, 465, 587)
group by host, peer, port, protocol
having count(*) >= 6 and max(sampling) = 1

-- step: answer
select 'to' as leg, opened.host, opened.port, opened.protocol, opened.peer, opened_at, closed_at,
       up_bytes, up_packets, down_bytes, down_packets
from opened
join pairs on pairs.host = opened.host and pairs.peer = opened.peer
          and pairs.port = opened.port and pairs.protocol = opened.protocol
union all
select 'on' as leg, opened.host, opened.port, opened.protocol, opened.peer, opened_at, closed_at,
       up_bytes, up_packets, down_bytes, down_packets
from opened join (select distinct host from pairs) as hosts on hosts.host = opened.host
order by host, peer, port, protocol, opened_at, closed_at, leg, up_bytes, down_bytes
