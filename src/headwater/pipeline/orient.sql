-- One hour of flow records becomes conversations with a client and a server.
--
-- Read   keyed    the hour's records: (k1, k2) names the unordered pair of endpoints,
--                 `low` says that the record was sent by the endpoint of lower code
--        grouped  the same added up for each pair (meetings.py): most pairs of endpoints meet
--                 once, with one record each way, and need no ordering
--        carried  conversations still open when the hour before ended
--        horizon  (begun_at): when the records begin, or an instant long past
-- Codes stand for addresses; microseconds for times.
--
-- Limits, and why:
--   1000000      (1 s)  a SYN this long after the last packet opens a new conversation: no
--                       host reuses a port pair sooner (TIME_WAIT, RFC 9293 section 3.3.2)
--   120000000  (2 min)  the shortest life of a UDP mapping in a NAT (RFC 4787 REQ-5)
--   3600000000   (1 h)  a silence after which two TCP records are not one conversation
--   2000        (2 ms)  exporters stamp in milliseconds; one tick of rounding on each side
--   3                   conversations before an endpoint can count as a service
--   0.9                 below this share of truthful orders the clocks are not believed

-- step: tangled
-- Pairs that met more than once, went quiet in between, or were open an hour ago.
select k1, k2 from grouped
where low_records > 1 or high_records > 1
   or greatest(low_start, high_start) - least(low_end, high_end) > 1000000
union
select carried.k1, carried.k2 from carried
join grouped on grouped.k1 = carried.k1 and grouped.k2 = carried.k2

-- step: untangled
with pieces as (
select keyed.k1, keyed.k2, low, started_at, ended_at, packets, bytes, tcp_flags,
       said, sampling, exporter,
       null::bigint as opened_at, null::bigint as conversation, null::varchar as oriented_by
from keyed join tangled on keyed.k1 = tangled.k1 and keyed.k2 = tangled.k2
union all
select carried.k1, carried.k2, client_is_low, carried.closed_at, carried.closed_at, 0, 0, null,
       case when client_is_low then 1 else 0 end, sampling, null, opened_at, conversation, oriented_by
from carried join tangled on carried.k1 = tangled.k1 and carried.k2 = tangled.k2
),

reached as (
select *,
       max(ended_at) over (
           partition by k1, k2 order by started_at, opened_at nulls last, ended_at
           rows between unbounded preceding and 1 preceding
       ) as quiet_since,
       k2 % 256 as protocol
from pieces
),

-- A new conversation begins after a silence no NAT would bridge, or with a fresh SYN.
parted as (
select *,
       (sum(case
           when quiet_since is null then 1
           when protocol <> 6 and started_at - quiet_since > 120000000 then 1
           when started_at - quiet_since > 3600000000 then 1
           when protocol = 6 and tcp_flags & 2 = 2 and started_at - quiet_since > 1000000 then 1
           else 0
       end) over (
           partition by k1, k2 order by started_at, opened_at nulls last, ended_at
           rows between unbounded preceding and current row
       ))::integer as part
from reached
)

select k1, k2, part,
       min(started_at) filter (low and conversation is null) as low_start,
       min(started_at) filter (not low and conversation is null) as high_start,
       min(started_at) filter (conversation is null) as started_at,
       max(ended_at) as ended_at,
       coalesce(sum(packets) filter (low), 0)::bigint as low_packets,
       coalesce(sum(packets) filter (not low), 0)::bigint as high_packets,
       coalesce(sum(bytes) filter (low), 0)::bigint as low_bytes,
       coalesce(sum(bytes) filter (not low), 0)::bigint as high_bytes,
       bit_or(tcp_flags) filter (low) as low_flags,
       bit_or(tcp_flags) filter (not low) as high_flags,
       arg_min(tcp_flags, started_at) filter (low and conversation is null) as low_first,
       arg_min(tcp_flags, started_at) filter (not low and conversation is null) as high_first,
       arg_min(packets / sampling, started_at) filter (low and conversation is null) as low_first_packets,
       arg_min(packets / sampling, started_at) filter (not low and conversation is null) as high_first_packets,
       max(said) filter (conversation is null) as said,
       max(sampling) as sampling,
       max(exporter) as exporter,
       min(opened_at) as opened_at,
       min(conversation) as conversation,
       min(oriented_by) as oriented_by,
       max(said) filter (conversation is not null) as carried_client
from parted
group by k1, k2, part
having count(*) filter (conversation is null) > 0

-- step: conversations
select k1, k2, 0::integer as part, low_start, high_start, started_at, ended_at,
       low_packets, high_packets, low_bytes, high_bytes, low_flags, high_flags,
       low_flags as low_first, high_flags as high_first,
       low_packets / sampling as low_first_packets, high_packets / sampling as high_first_packets,
       said, sampling, exporter,
       null::bigint as opened_at, null::bigint as conversation, null::varchar as oriented_by,
       null::integer as carried_client
from grouped anti join tangled on grouped.k1 = tangled.k1 and grouped.k2 = tangled.k2
union all
select k1, k2, part, low_start, high_start, started_at, ended_at,
       low_packets, high_packets, low_bytes, high_bytes, low_flags, high_flags,
       low_first, high_first, low_first_packets, high_first_packets,
       said, sampling, exporter, opened_at, conversation, oriented_by, carried_client
from untangled

-- step: endpoints
-- How many conversations each (address, port, protocol) had: a service has many.
-- Small counts say nothing and are left out, which keeps this table small.
select code, port_protocol, count(*) as met
from (
    select k1 >> 32 as code, (k2 >> 24) * 256 + k2 % 256 as port_protocol from conversations
    union all
    select k1 & 4294967295, (k2 >> 8) % 65536 * 256 + k2 % 256 from conversations
) as ends
group by code, port_protocol
having count(*) >= 3

-- step: compared
select conversations.*,
       k1 >> 32 as low_code, k1 & 4294967295 as high_code,
       k2 >> 24 as low_port, (k2 >> 8) % 65536 as high_port, k2 % 256 as protocol,
       coalesce(low_end.met, 1) as low_met, coalesce(high_end.met, 1) as high_met,
       high_start - low_start as lead_us
from conversations
left join endpoints as low_end
       on low_end.code = k1 >> 32 and low_end.port_protocol = (k2 >> 24) * 256 + k2 % 256
left join endpoints as high_end
       on high_end.code = k1 & 4294967295
      and high_end.port_protocol = (k2 >> 8) % 65536 * 256 + k2 % 256

-- step: earlier
-- Who the client was when this pair last talked by datagrams: it still is.
select k1, k2, arg_max(client_is_low, closed_at) as was_low
from carried
where k2 % 256 <> 6
group by k1, k2

-- step: clocks
-- How often the earlier packet was the client's where the service is beyond doubt:
-- an exporter whose two directions keep different clocks is found out here.
select exporter,
       avg(case when (lead_us > 0) = (high_met > low_met) then 1.0 else 0.0 end) as truthful
from compared
where abs(lead_us) > 2000 and sampling = 1
  and greatest(low_met, high_met) >= 10 * least(low_met, high_met)
  and (protocol <> 6 or (coalesce(low_flags, 2) | coalesce(high_flags, 2)) & 2 = 2)
group by exporter
having count(*) >= 20

-- step: answer
-- Opinions: true where the low endpoint is the client, false where the high one is, null
-- where this kind of evidence is silent. The first that speaks decides.
with opinions as (
select compared.*,
       case when carried_client is not null then carried_client = 1 else was_low end as by_carried,
       case when said is not null then said = 1 end as by_record,
       case
           when protocol <> 6 then null
           when low_first & 18 = 2 and coalesce(high_first, 0) & 18 <> 2 then true
           when high_first & 18 = 2 and coalesce(low_first, 0) & 18 <> 2 then false
           when high_first & 18 = 18 and high_first_packets = 1
                and not (coalesce(low_first, 0) & 18 = 18 and low_first_packets = 1) then true
           when low_first & 18 = 18 and low_first_packets = 1
                and not (coalesce(high_first, 0) & 18 = 18 and high_first_packets = 1) then false
       end as by_flags,
       case
           when sampling > 1 or lead_us is null or abs(lead_us) <= 2000 then null
           -- Without a SYN the conversation is older than the records: its first packet is lost.
           when protocol = 6 and (coalesce(low_flags, 2) | coalesce(high_flags, 2)) & 2 = 0 then null
           when coalesce(truthful, 1) < 0.9 then null
           -- Nor is a datagram the first where the records themselves have just begun.
           when protocol <> 6 and (part > 1 or started_at < begun_at + 120000000) then null
           else lead_us > 0
       end as by_time,
       case
           when high_met >= 3 and high_met >= 3 * low_met then true
           when low_met >= 3 and low_met >= 3 * high_met then false
       end as by_service,
       case
           when (low_port < 1024) <> (high_port < 1024) then high_port < 1024
           when (low_port < 32768) <> (high_port < 32768) then high_port < 32768
       end as by_port
from compared cross join horizon
left join clocks on clocks.exporter = compared.exporter
left join earlier on earlier.k1 = compared.k1 and earlier.k2 = compared.k2
),

decided as (
select *,
       coalesce(by_carried, by_record, by_flags, by_time, by_service, by_port,
                case when coalesce(lead_us, 0) <> 0 and sampling = 1 then lead_us > 0
                     when low_port = high_port then coalesce(low_start <= high_start, low_start is not null)
                     else high_port < low_port end) as client_is_low,
       case
           when carried_client is not null then opinions.oriented_by
           when by_carried is not null then 'record'
           when by_record is not null then 'record'
           when by_flags is not null then 'flags'
           when by_time is not null then 'time'
           when by_service is not null then 'service'
           when by_port is not null then 'port'
           else 'guess'
       end as how
from opinions
)

select conversation, part, k1, k2,
       coalesce(opened_at, started_at) as opened_at,
       started_at,
       ended_at as closed_at,
       case when client_is_low then low_code else high_code end as client,
       case when client_is_low then high_code else low_code end as server,
       case when client_is_low then high_port else low_port end as port,
       case when client_is_low then low_port else high_port end as client_port,
       protocol,
       case when client_is_low then low_packets else high_packets end as client_packets,
       case when client_is_low then low_bytes else high_bytes end as client_bytes,
       case when client_is_low then high_packets else low_packets end as server_packets,
       case when client_is_low then high_bytes else low_bytes end as server_bytes,
       case when client_is_low then low_flags else high_flags end as client_flags,
       case when client_is_low then high_flags else low_flags end as server_flags,
       -- Only a client that saw SYN+ACK sends an ACK without SYN; where its side was not seen,
       -- the server's own data (PSH+ACK) tells. Without flags: more than one packet each way.
       case
           when protocol <> 6 then (low_packets > 0 and high_packets > 0) or sampling > 1
           when low_flags is null and high_flags is null
               then least(low_packets, high_packets) > sampling
           else coalesce(case when client_is_low then low_flags else high_flags end, 0) & 16 = 16
             or coalesce(case when client_is_low then high_flags else low_flags end, 0) & 24 = 24
       end as established,
       client_is_low, how as oriented_by, sampling, exporter
from decided
