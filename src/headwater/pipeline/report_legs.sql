-- Single sessions on both legs of each proxy, in the hour in which most came in.
--
-- Read   sessions
--        doors      (host, peer, port): where work comes in. With no peer, others open sessions
--                   to the port; with one, the host calls it there and is answered with work
--        scale      (start_us): the window's start

-- step: inbound
select doors.host, sessions.client as far, conversation, min(opened_at) as opened_at,
       max(closed_at) as closed_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets
from sessions join doors on doors.host = sessions.server and doors.port = sessions.port
where doors.peer is null and inside in ('server', 'both') and established
group by doors.host, sessions.client, conversation
union all
select doors.host, sessions.server as far, conversation, min(opened_at) as opened_at,
       max(closed_at) as closed_at,
       sum(server_bytes) as up_bytes, sum(server_packets) as up_packets,
       sum(client_bytes) as down_bytes, sum(client_packets) as down_packets
from sessions
join doors on doors.host = sessions.client and doors.peer = sessions.server
          and doors.port = sessions.port
where inside = 'client' and established
group by doors.host, sessions.server, conversation

-- step: hourly
select host, floor((opened_at - start_us) / 3600000000) as hour, count(*) as visits
from inbound cross join scale
group by host, floor((opened_at - start_us) / 3600000000)

-- step: ranked
select host, hour, row_number() over (partition by host order by visits desc, hour) as place
from hourly

-- step: busiest
select host, start_us + hour * 3600000000 as from_us
from ranked cross join scale
where place = 1

-- step: outbound
select sessions.client as host, sessions.server as far, conversation,
       min(opened_at) as opened_at,
       sum(client_bytes) as up_bytes, sum(client_packets) as up_packets,
       sum(server_bytes) as down_bytes, sum(server_packets) as down_packets
from sessions join busiest on busiest.host = sessions.client
where inside = 'client' and port not in (53, 123, 853)
  and opened_at >= from_us - 100000000 and opened_at < from_us + 3700000000
group by sessions.client, sessions.server, conversation

-- step: answer
select 'in' as leg, inbound.host, far, cast(from_us as bigint) as from_us, opened_at,
       closed_at, up_bytes, up_packets, down_bytes, down_packets
from inbound join busiest on busiest.host = inbound.host
where opened_at >= from_us and opened_at < from_us + 3600000000
union all
select 'out' as leg, outbound.host, far, cast(from_us as bigint) as from_us, opened_at,
       opened_at as closed_at, up_bytes, up_packets, down_bytes, down_packets
from outbound join busiest on busiest.host = outbound.host
order by host, leg, opened_at, far, up_bytes, down_bytes
