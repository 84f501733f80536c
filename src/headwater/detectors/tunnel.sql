-- Long sessions of own hosts with outsiders, piece by piece, beside all that the host did
-- with others while each piece ran.
--
-- Read   sessions, slices

-- step: long_sessions
select conversation, case when inside = 'client' then client else server end as host,
       case when inside = 'client' then server else client end as peer,
       -- Two gateways meet on the same port at both ends: neither is the one that dials in.
       case when inside = 'client' and client_port <> port then 'out' else 'in' end as direction,
       case when inside = 'client' then 'host' else 'peer' end as opener,
       max(port) as port, max(protocol) as protocol, max(sampling) as sampling
from sessions
where inside in ('client', 'server') and established and port not in (25, 53, 123, 853)
group by conversation, inside, case when inside = 'client' then client else server end,
         case when inside = 'client' then server else client end,
         case when inside = 'client' and client_port <> port then 'out' else 'in' end
having max(closed_at) - min(opened_at) >= 300000000
   and sum(client_bytes) >= 4000 and sum(server_bytes) >= 4000

-- step: pieces
select host, peer, direction, port, protocol, sampling, sliced_at,
       max(ended_at) as ended_at,
       sum(case when opener = 'host' then slices.server_bytes else slices.client_bytes end) as from_peer,
       sum(case when opener = 'host' then slices.client_bytes else slices.server_bytes end) as to_peer
from long_sessions join slices on slices.conversation = long_sessions.conversation
group by host, peer, direction, port, protocol, sampling, sliced_at

-- step: enough
select host, peer, direction, port, protocol
from pieces
group by host, peer, direction, port, protocol
having count(*) >= 4

-- step: errands
-- What each of these hosts opened to others.
select sessions.client as host, sessions.server as peer, sessions.port, opened_at,
       client_bytes, server_bytes
from sessions join (select distinct host from enough) as hosts on hosts.host = sessions.client
where inside = 'client' and sessions.port not in (53, 123, 853) and opened_at = started_at

-- step: answer
select pieces.host, pieces.peer, pieces.direction, pieces.port, pieces.protocol, pieces.sampling,
       pieces.sliced_at, pieces.ended_at, max(from_peer) as from_peer, max(to_peer) as to_peer,
       coalesce(sum(errands.client_bytes), 0) as sent_on,
       coalesce(sum(errands.server_bytes), 0) as fetched,
       count(errands.opened_at) as errands,
       sum(case when errands.port in (25, 465, 587) then 1 else 0 end) as mail_errands,
       count(distinct errands.peer) as errand_servers
from pieces
join enough
  on enough.host = pieces.host and enough.peer = pieces.peer and enough.direction = pieces.direction
 and enough.port = pieces.port and enough.protocol = pieces.protocol
left join errands
  on errands.host = pieces.host and errands.peer <> pieces.peer
 and errands.opened_at >= pieces.sliced_at and errands.opened_at < pieces.ended_at
group by pieces.host, pieces.peer, pieces.direction, pieces.port, pieces.protocol,
         pieces.sampling, pieces.sliced_at, pieces.ended_at
order by host, peer, direction, port, protocol, sliced_at
