-- Own hosts that open sessions to one outsider again and again, beside all else they open.
--
-- Read   sessions
--        popular    (server): places that a crowd calls

-- step: opened
-- Sessions that carry something, either way: less than a proxy's own handshake may take fits
-- every other session as well, and tells nothing.
select client as host, server as peer, port, protocol, conversation,
       min(opened_at) as opened_at, max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets
from sessions
where inside = 'client' and established and sampling = 1
  -- Names and the time are told in few octets a packet.
  and (port not in (53, 123, 853)
       or client_bytes > 640 * client_packets or server_bytes > 640 * server_packets)
group by client, server, port, protocol, conversation
having sum(client_bytes) - 46 * sum(client_packets) > 600
    or sum(server_bytes) - 46 * sum(server_packets) > 600

-- step: pairs
select opened.host, opened.peer, port, protocol
from opened left join popular on popular.server = opened.peer
where port not in (25, 465, 587) and popular.server is null
group by opened.host, opened.peer, port, protocol
having count(*) >= 6

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
order by host, peer, port, protocol, opened_at, leg, up_bytes, down_bytes
