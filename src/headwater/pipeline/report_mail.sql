-- Which mail servers each proxy met, and how much it carried there.
--
-- Read   sessions
--        proxies    (host)

-- step: answer
select client as proxy, server, count(distinct conversation) as sessions,
       sum(client_bytes + server_bytes) as bytes
from sessions join proxies on proxies.host = sessions.client
where inside = 'client' and port in (25, 465, 587) and protocol = 6
group by client, server
order by proxy, server
