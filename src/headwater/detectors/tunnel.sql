-- Long sessions of own hosts with outsiders, piece by piece, beside all that the host opened
-- to others.
--
-- Read   sessions, slices

-- step: lasting
-- A session's rows, one for each hour, all tell when it was opened: the last tells how long
-- it was, and few are long enough.
select distinct conversation
from sessions
where established and closed_at - opened_at >= 300000000

-- step: visited
-- Ports of hosts to which several come.
select server as host, port
from sessions
where inside = 'server' and established
group by server, port
having min(client) < max(client)

-- step: ends
-- Datagrams that leave from a port on which the host is visited answer a visitor. Two gateways
-- meet on the same port at both ends: neither is the one that dials in. Where nobody knows who
-- opened it, the lesser accusation is told: nor is it known by ports of datagrams, of which neither
-- is well known, since a carrier's translator gives telephones any (RFC 6056 section 3.2), and they
-- call VPNs at home.
select sessions.conversation, opened_at, closed_at, protocol, client_bytes, server_bytes,
       client_packets, server_packets,
       case when inside = 'client' then client else server end as host,
       case when inside = 'client' then server else client end as peer,
       case when inside = 'client' and visited.host is null and client_port <> sessions.port
             and oriented_by <> 'guess'
             and not (oriented_by = 'port' and protocol = 17 and sessions.port > 1023)
            then 'out' else 'in' end as direction,
       case when inside = 'client' then 'host' else 'peer' end as opener,
       case when oriented_by = 'guess' and protocol = 6 then 1 else 0 end as guessed,
       case when inside = 'client' then client_port else sessions.port end as near_port,
       case when inside = 'client' then sessions.port else client_port end as far_port,
       case when inside = 'client' and visited.host is not null then client_port
            else sessions.port end as port
from sessions join lasting on lasting.conversation = sessions.conversation
left join visited on visited.host = sessions.client and visited.port = sessions.client_port
                 and inside = 'client'
where inside in ('client', 'server') and established and sessions.port <> 25
  -- Names and the time are told in few octets a packet.
  and (sessions.port not in (53, 123, 853)
       or client_bytes > 640 * client_packets or server_bytes > 640 * server_packets)

-- step: long_sessions
select conversation, host, peer, direction, opener,
       max(port) as port, max(protocol) as protocol, min(guessed) as guessed,
       max(near_port) as near_port, max(far_port) as far_port
from ends
group by conversation, host, peer, direction, opener
having max(closed_at) - min(opened_at) >= 300000000
   -- Where routes differ, one side alone may be in the records.
   and greatest(sum(client_bytes), sum(server_bytes)) >= 4000
   and (least(sum(client_bytes), sum(server_bytes)) >= 4000
        or sum(client_packets) = 0 or sum(server_packets) = 0)

-- step: pieces
select host, peer, direction, port, protocol, sliced_at,
       max(ended_at) as ended_at, min(guessed) as guessed,
       max(near_port) as near_port, max(far_port) as far_port,
       sum(case when opener = 'host' then slices.server_bytes else slices.client_bytes end) as from_peer,
       sum(case when opener = 'host' then slices.client_bytes else slices.server_bytes end) as to_peer
from long_sessions join slices on slices.conversation = long_sessions.conversation
group by host, peer, direction, port, protocol, sliced_at

-- step: enough
-- Four pieces, one way, that carry more than keep-alives: fewer can tell nothing.
select host, peer, direction, port, protocol
from pieces
group by host, peer, direction, port, protocol
having sum(case when from_peer > 600 then 1 else 0 end) >= 4
    or sum(case when to_peer > 600 then 1 else 0 end) >= 4

-- step: errands
-- What each of these hosts opened to others.
select sessions.client as host, sessions.server as peer, sessions.port, opened_at,
       client_bytes, server_bytes
from sessions join (select distinct host from enough) as hosts on hosts.host = sessions.client
where inside = 'client' and sessions.port not in (53, 123, 853) and opened_at = started_at

-- step: answer
-- `here` and `there` are octets: of a piece from and to the peer, of an errand to and from it.
select 'piece' as leg, pieces.host, pieces.peer, pieces.direction, pieces.port, pieces.protocol,
       pieces.sliced_at as began_at, pieces.ended_at, from_peer as here, to_peer as there,
       guessed, near_port, far_port
from pieces
join enough
  on enough.host = pieces.host and enough.peer = pieces.peer and enough.direction = pieces.direction
 and enough.port = pieces.port and enough.protocol = pieces.protocol
union all
select 'errand' as leg, host, peer, 'out' as direction, port, 6 as protocol,
       opened_at as began_at, opened_at as ended_at, client_bytes as here, server_bytes as there,
       0 as guessed, 0 as near_port, 0 as far_port
from errands
