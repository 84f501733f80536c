-- Sessions, those with their two sides in each other's place that were the wrong way round.
--
-- Read   sessions   under the name of what they stand for
--        wrong_way  (conversation)

-- step: answer
-- What is no more than headers may be a knock, or its refusal.
select s.conversation, s.opened_at, s.started_at, s.closed_at,
       case when t.conversation is null then s.client else s.server end as client,
       case when t.conversation is null then s.server else s.client end as server,
       case when t.conversation is null then s.port else s.client_port end as port,
       case when t.conversation is null then s.client_port else s.port end as client_port,
       s.protocol,
       case when t.conversation is null then s.client_packets else s.server_packets end
           as client_packets,
       case when t.conversation is null then s.client_bytes else s.server_bytes end as client_bytes,
       case when t.conversation is null then s.server_packets else s.client_packets end
           as server_packets,
       case when t.conversation is null then s.server_bytes else s.client_bytes end as server_bytes,
       case when t.conversation is null then s.client_flags else s.server_flags end as client_flags,
       case when t.conversation is null then s.server_flags else s.client_flags end as server_flags,
       case when t.conversation is null then s.established
            else s.client_bytes + s.server_bytes > 60 * (s.client_packets + s.server_packets) end
           as established,
       case when t.conversation is null then s.inside else 'server' end as inside,
       s.oriented_by, s.sampling, s.exporter
from stored_sessions as s
left join wrong_way as t on t.conversation = s.conversation
