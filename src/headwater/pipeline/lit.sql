-- Own addresses somebody lives at, as the facts of each hour tell.
--
-- Read   facts

-- step: answer
select distinct host from facts where kind = 'lit'
