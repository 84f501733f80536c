-- What each proxy exchanged, five minutes at a time, with those who use it and with all it called.
--
-- Read   sessions, slices
--        doors      (host, peer, port): where work comes in. With no peer, others open sessions
--                   to the port; with one, the host calls it there

-- step: legs
-- `here` is what came to the host, `there` what left it.
select 'in' as leg, doors.host, conversation, started_at, 1 as client_sends_here,
       client_bytes as here, server_bytes as there
from sessions join doors on doors.host = sessions.server and doors.port = sessions.port
where doors.peer is null and inside in ('server', 'both') and established
union all
select 'in' as leg, doors.host, conversation, started_at, 0 as client_sends_here,
       server_bytes as here, client_bytes as there
from sessions
join doors on doors.host = sessions.client and doors.peer = sessions.server
          and doors.port = sessions.port
where inside = 'client' and established
union all
select 'out' as leg, doors.host, conversation, started_at, 0 as client_sends_here,
       server_bytes as here, client_bytes as there
from sessions join doors on doors.host = sessions.client
where inside = 'client' and sessions.port not in (53, 123, 853)
  and (doors.peer is null or doors.peer <> sessions.server)

-- step: whole
select distinct leg, host, conversation, client_sends_here from legs

-- step: pieces
-- A piece runs for minutes: it counts where its middle is.
select leg, host, whole.conversation, (sliced_at + ended_at) / 2 as at_us,
       case when client_sends_here = 1 then client_bytes else server_bytes end as here,
       case when client_sends_here = 1 then server_bytes else client_bytes end as there
from whole join slices on slices.conversation = whole.conversation

-- step: parts
select leg, host, at_us, here, there from pieces
union all
select legs.leg, legs.host, legs.started_at as at_us, legs.here, legs.there
from legs left join (select distinct conversation from pieces) as told
  on told.conversation = legs.conversation
where told.conversation is null

-- step: answer
select host, leg, cast(floor(at_us / 300000000) as bigint) as step,
       sum(here) as here, sum(there) as there
from parts
group by host, leg, floor(at_us / 300000000)
order by host, leg, step
