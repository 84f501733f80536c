-- What one address does: the services it offers, the services it calls, and whom it meets most.
--
-- Read   sessions
--        subject    (address): the one asked about

-- step: met
select case when server = address then 'offers' else 'calls' end as part,
       case when server = address then client else server end as peer,
       port, protocol, conversation, established, opened_at, closed_at,
       case when server = address then client_bytes else server_bytes end as bytes_in,
       case when server = address then server_bytes else client_bytes end as bytes_out
from sessions join subject on subject.address = sessions.server or subject.address = sessions.client

-- step: services
select part, cast(null as string) as peer, port, protocol, count(distinct peer) as peers,
       count(distinct conversation) as sessions,
       count(distinct case when established then conversation end) as answered,
       sum(bytes_in) as bytes_in, sum(bytes_out) as bytes_out,
       min(opened_at) as first_seen, max(closed_at) as last_seen
from met
group by part, port, protocol

-- step: peers
select part, peer, max(port) as port, max(protocol) as protocol, count(distinct port) as peers,
       count(distinct conversation) as sessions,
       count(distinct case when established then conversation end) as answered,
       sum(bytes_in) as bytes_in, sum(bytes_out) as bytes_out,
       min(opened_at) as first_seen, max(closed_at) as last_seen
from met
group by part, peer

-- step: ranked
select both_kinds.*, row_number() over (
           partition by part, case when peer is null then 0 else 1 end
           order by answered desc, sessions desc, bytes_in + bytes_out desc, port, peer
       ) as place,
       count(*) over (partition by part, case when peer is null then 0 else 1 end) as places
from (select * from services union all select * from peers) as both_kinds

-- step: answer
select part, peer, port, protocol, peers, sessions, answered, bytes_in, bytes_out,
       first_seen, last_seen, place, places
from ranked
where place <= 5
order by part, case when peer is null then 0 else 1 end, place
