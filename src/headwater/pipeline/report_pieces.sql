-- A long session of each proxy, piece by piece, and what the proxy opened to others meanwhile.
--
-- Read   sessions, slices
--        tunnels    (host, peer, port): the long sessions' ends

-- step: long_sessions
select distinct conversation, tunnels.host, tunnels.peer,
       case when sessions.client = tunnels.host then 1 else 0 end as host_opened
from sessions
join tunnels on tunnels.port = sessions.port
            and ((tunnels.host = sessions.client and tunnels.peer = sessions.server)
              or (tunnels.host = sessions.server and tunnels.peer = sessions.client))
where established

-- step: pieces
select host, peer, sliced_at, max(ended_at) as ended_at,
       sum(case when host_opened = 1 then server_bytes else client_bytes end) as came_in,
       sum(case when host_opened = 1 then client_bytes else server_bytes end) as went_back
from long_sessions join slices on slices.conversation = long_sessions.conversation
group by host, peer, sliced_at

-- step: first_pieces
select pieces.*, row_number() over (partition by host order by sliced_at) as place
from pieces

-- step: spans
select host, max(peer) as peer, min(sliced_at) as begin_us, max(ended_at) as end_us
from first_pieces
where place <= 80
group by host

-- step: answer
select 'piece' as leg, host, sliced_at as began_at, ended_at, came_in as inward,
       went_back as outward
from first_pieces
where place <= 80
union all
select 'errand' as leg, spans.host, opened_at as began_at, opened_at as ended_at,
       server_bytes as inward, client_bytes as outward
from sessions join spans on spans.host = sessions.client and spans.peer <> sessions.server
where inside = 'client' and port not in (53, 123, 853) and opened_at = started_at
  and opened_at >= begin_us and opened_at < end_us
order by host, leg, began_at, inward, outward
