-- Letters that own hosts mail, beside what outsiders brought to ports of theirs.
--
-- Read   sessions

-- step: letters
-- Where every packet was counted: of sampled sessions no sizes can be compared. What a refused
-- session takes is shorter than a letter.
select client as host, server as peer, port, conversation, min(opened_at) as opened_at,
       sum(client_bytes) as octets, sum(client_packets) as packets
from sessions
where inside = 'client' and port in (25, 465, 587) and established
group by client, server, port, conversation
having max(sampling) = 1 and sum(client_bytes) - 46 * sum(client_packets) >= 1500

-- step: mailers
select host from letters group by host having count(*) >= 3

-- step: brought
-- At mail's own ports it is for everyone; and at the web's, sites are told of orders.
select server as host, client as peer, port, conversation, min(opened_at) as opened_at,
       sum(client_bytes) as octets, sum(client_packets) as packets
from sessions join mailers on mailers.host = sessions.server
where inside = 'server' and established and port not in (25, 53, 80, 443, 465, 587, 853)
group by server, client, port, conversation
having max(sampling) = 1 and sum(client_bytes) - 46 * sum(client_packets) >= 1500

-- step: hosts
select distinct host from brought

-- step: answer
select 'in' as leg, host, peer, port, conversation, opened_at, octets, packets
from brought
union all
select 'out' as leg, letters.host, peer, port, conversation, opened_at, octets, packets
from letters join hosts on hosts.host = letters.host
order by leg, host, port, opened_at, conversation
