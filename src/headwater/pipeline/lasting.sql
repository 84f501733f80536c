-- Outsiders to whom own hosts hold a session of minutes or hours, of sampled records.
--
-- Read   sessions

-- step: answer
select distinct server
from sessions
where inside = 'client' and sampling > 1 and protocol = 6 and closed_at - opened_at >= 300000000
  and port not in (25, 53, 465, 587, 853)
order by server
