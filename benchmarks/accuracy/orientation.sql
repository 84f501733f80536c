-- How often each way of deciding who opened a conversation was right.
--
-- Read   sessions
--        opened   (client, server, port, client_port, protocol): who opened what in truth
-- A pair of endpoints on which both opened something is not counted: it has no one answer.

-- step: decided
select client, server, port, client_port, protocol, oriented_by
from sessions
where opened_at = started_at

-- step: compared
select oriented_by,
       case when forth.client is not null then 1 else 0 end as forth,
       case when back.client is not null then 1 else 0 end as back
from decided
left join opened as forth
  on forth.client = decided.client and forth.server = decided.server
 and forth.port = decided.port and forth.client_port = decided.client_port
 and forth.protocol = decided.protocol
left join opened as back
  on back.client = decided.server and back.server = decided.client
 and back.port = decided.client_port and back.client_port = decided.port
 and back.protocol = decided.protocol

-- step: answer
select oriented_by, sum(forth) as right_way, count(*) as compared
from compared
where forth + back = 1
group by oriented_by
