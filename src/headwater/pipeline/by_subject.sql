-- Sessions with each own address that changed hands, or whose subscriber changed address,
-- given as whom it belonged to at that time.
--
-- Read   sessions   under the name of what they stand for
--        moves      (address, since_us, until_us, subject): stretches of an address are disjoint

-- step: answer
select s.conversation, s.opened_at, s.started_at, s.closed_at,
       coalesce(c.subject, s.client) as client, coalesce(v.subject, s.server) as server,
       s.port, s.client_port, s.protocol, s.client_packets, s.client_bytes, s.server_packets,
       s.server_bytes, s.client_flags, s.server_flags, s.established, s.inside, s.oriented_by,
       s.sampling, s.exporter
from stored_sessions as s
left join moves as c
  on c.address = s.client and s.started_at >= c.since_us and s.started_at < c.until_us
left join moves as v
  on v.address = s.server and s.started_at >= v.since_us and s.started_at < v.until_us
