-- What own hosts get, of sampled records: who watches films at home is told by it. For questions that
-- ask for it by a line that says `-- steps: gave.sql`.
--
-- Read   sessions

-- step: gave
-- What each own host has from each outsider, films and all.
select client as host, sessions.server as peer, sum(server_bytes) as octets
from sessions
where inside = 'client' and sampling > 1
group by client, sessions.server
