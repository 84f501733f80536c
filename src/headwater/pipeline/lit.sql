-- Own addresses somebody lives at: they sent something, or outsiders' data shows that they did.
--
-- Where one direction only is exported the other side's data tells: nobody sends PSH with ACK
-- (and no RST, as the victims of spoofed floods do) to an address that said nothing.

-- step: answer
select client as host
from sessions
where inside in ('client', 'both') and (client_packets > 0 or (coalesce(server_flags, 0) & 28) = 24)
union
select server as host
from sessions
where inside in ('server', 'both') and (server_packets > 0 or (coalesce(client_flags, 0) & 28) = 24)
