-- The records of `told`, a long conversation cut up as its exporter did: what several questions
-- ask for in the middle, by a line that says `-- steps: pieces.sql`.
--
-- Read   slices
--        told       (leg, host, peer, port, client_port, protocol, conversation, outside,
--                    opened_at, started_at, closed_at, sampling, sent, got, sent_packets,
--                    got_packets, asked): a leg of a record each; a step of the question's own

-- step: long
select * from told where closed_at - started_at > 30000000

-- step: sliced
-- A long session's packets are spread over its pieces as its octets are.
select leg, host, peer, port, client_port, protocol, long.conversation, outside, opened_at, closed_at, sampling, asked,
       sliced_at as began_at, slices.ended_at,
       case when leg = 'to' then client_bytes else server_bytes end as sent,
       case when leg = 'to' then server_bytes else client_bytes end as got,
       case when leg = 'to' then client_bytes else server_bytes end
           * (sent_packets / greatest(sent, 1.0)) as sent_packets,
       case when leg = 'to' then server_bytes else client_bytes end
           * (got_packets / greatest(got, 1.0)) as got_packets
from long join slices
  on slices.conversation = long.conversation
 and slices.sliced_at >= long.started_at and slices.sliced_at <= long.closed_at

-- step: pieces
select leg, host, peer, port, client_port, protocol, conversation, outside,
       closed_at - opened_at as lasted, sampling, asked, began_at, ended_at, sent, got, sent_packets, got_packets
from sliced
union all
select told.leg, told.host, told.peer, told.port, told.client_port, told.protocol,
       told.conversation, told.outside,
       told.closed_at - told.opened_at as lasted, told.sampling, told.asked,
       told.started_at as began_at, told.closed_at as ended_at, told.sent, told.got,
       cast(told.sent_packets as double) as sent_packets,
       cast(told.got_packets as double) as got_packets
from told
left join (select distinct conversation from sliced) as cut
  on cut.conversation = told.conversation and told.closed_at - told.started_at > 30000000
where cut.conversation is null
