-- Who contributed what: the rules of social mining, from one epoch's behaviour log and the chain's facts to points.
--
-- Source: X.me Dual-Token Economic Model Whitepaper, sections 5.1 ("quantifying every user behavior"), 6.2 and 6.3. The source gives no
-- number and no rule against abuse, so every value and rule below is a choice with its reason.
--
-- Plain SQL that DuckDB and PostgreSQL both run as it stands, statement by statement in this order, and that gives the same points in both:
-- integers only, no division, no text order but "C" (by bytes), and nothing that depends on the order in which rows are stored.
--
-- Read before anything here, made by whoever runs it; all times are Unix seconds, all addresses "0x" and 40 lower-case digits:
--   log_rows     (account, behaviour, subject text; time, duration bigint)   the log, checked: see docs/social-mining.md
--   epoch        (starts bigint)                                            its first second, a multiple of 604800
--   weights      (code, weight bigint)                                      of this epoch, code = index on chain, 0 to 12
--   check_ins    (account text; time bigint)                                of this epoch
--   invitations  (inviter, invitee text; time bigint)                       completed in this epoch
--   contents     (content, creator text; time bigint)                       registered before this epoch's end, in any epoch
--   multipliers  (account text; incentive, high_value bigint; unlocked boolean)
--                                                                           percent; accounts that are not here: 100, 100, false
-- Made at the end: points (member integer, account text, points bigint), members in ascending order of their addresses, no points left out.

-- The values. Columns:
--   code             the behaviour's index of weights on chain; advanced_task, which weighs what a task weighs, has a code of its own
--   once_per         seconds in which one account's behaviour towards one subject counts once, at its first time:
--                    604800 an epoch, 86400 a UTC day, 1 a second (so a row that was delivered twice counts once)
--   per_subject_day  most that count towards one subject a day, earliest first; null: once_per says it all
--   per_day          most that count a day in all, earliest first, those of one second in ascending order of their subjects' bytes
--   min_seconds      least duration
--   weight_of        index of the weight
--   received_as      index of the weight that the creator of the subject gets for it; null: none
CREATE TABLE rules AS
SELECT * FROM (VALUES
  ( 0, 'view',          604800, NULL, 200, 5,  0,   10), -- 5 s tell a look from a scroll; 200 are more than an hour of looking
  ( 1, 'like',          604800, NULL, 100, 0,  1,   11), -- half the views: who likes everything says nothing
  ( 2, 'comment',            1,    3,  30, 0,  2, NULL), -- a conversation has turns, a flood has more than three a day
  ( 3, 'share',         604800, NULL,  20, 0,  3, NULL), -- beyond that it is advertising
  ( 4, 'follow',        604800, NULL,  20, 0,  4, NULL), -- following and unfollowing in circles earns once
  ( 5, 'create',             1, NULL,   5, 0,  5, NULL), -- quality over quantity: what is good earns more by what it receives
  ( 6, 'bookmark',      604800, NULL,  50, 0,  6,   12), -- half the likes: what one means to come back to
  ( 7, 'task',           86400, NULL,  10, 0,  7, NULL), -- each task once a day; no more are set a day
  ( 8, 'check_in',       86400, NULL,   1, 0,  8, NULL), -- the chain has one a UTC day
  ( 9, 'invite',        604800, NULL,  10, 0,  9, NULL), -- the chain has one an invitee; people have few friends a day
  (13, 'advanced_task',  86400, NULL,   3, 0,  7, NULL)  -- of high value, so few; only for accounts that have unlocked them
) AS rule (code, behaviour, once_per, per_subject_day, per_day, min_seconds, weight_of, received_as);

-- Log and chain in one form. What counts from the chain: who checked in, who invited, who registered content in this epoch.
CREATE VIEW events AS
SELECT account, behaviour, subject, time, duration FROM log_rows
UNION ALL
SELECT account, 'check_in', '', time, NULL FROM check_ins
UNION ALL
SELECT inviter, 'invite', invitee, time, NULL FROM invitations
UNION ALL
SELECT c.creator, 'create', c.content, c.time, NULL FROM contents AS c CROSS JOIN epoch AS p WHERE c.time >= p.starts;

-- Numbers for addresses and subjects, in ascending order of their bytes: everything after this is integers.
CREATE TABLE members AS
SELECT
  CAST(row_number() OVER (ORDER BY a.account COLLATE "C") AS integer) AS member,
  a.account,
  coalesce(m.incentive, 100) AS incentive,
  coalesce(m.high_value, 100) AS high_value,
  coalesce(m.unlocked, false) AS unlocked
FROM (SELECT account FROM events UNION SELECT creator FROM contents) AS a
LEFT JOIN multipliers AS m ON m.account = a.account;

-- A subject is a content (digits), an account ("0x…") or a task (begins with a letter), so their texts never meet.
-- registered: seconds from the epoch's start, 0 for what was there before.
CREATE TABLE subjects AS
SELECT
  CAST(row_number() OVER (ORDER BY s.subject COLLATE "C") AS integer) AS subject_id,
  s.subject,
  m.member AS creator,
  CAST(greatest(c.time - p.starts, 0) AS integer) AS registered
FROM (SELECT DISTINCT subject FROM events) AS s
CROSS JOIN epoch AS p
LEFT JOIN contents AS c ON c.content = s.subject
LEFT JOIN members AS m ON m.account = c.creator;

-- What may count at all. Not: looks that are too short; what one does to oneself; anything but creating on one's own content, registered when
-- it may be; advanced tasks that the account has not unlocked. time: seconds from the epoch's start.
CREATE TABLE eligible AS
SELECT m.member, r.code, s.subject_id, CAST(e.time - p.starts AS integer) AS time, r.once_per
FROM events AS e
JOIN members AS m ON m.account = e.account
JOIN subjects AS s ON s.subject = e.subject
JOIN rules AS r ON r.behaviour = e.behaviour
CROSS JOIN epoch AS p
WHERE coalesce(e.duration, 0) >= r.min_seconds
  AND e.account <> e.subject
  AND (s.creator IS NULL OR s.creator <> m.member OR e.behaviour = 'create')
  AND (e.behaviour <> 'advanced_task' OR m.unlocked);

-- Once in its time, at the first time.
CREATE TABLE acts AS
SELECT member, code, subject_id, min(time) AS time
FROM eligible
GROUP BY member, code, subject_id, time - time % once_per;

DROP TABLE eligible;

-- The caps: first for each subject and day, then for the day. What a cap cuts off is lost; it does not count on another day.
CREATE TABLE counted AS
SELECT d.member, d.code, d.subject_id, d.time
FROM (
  SELECT
    k.member, k.code, k.subject_id, k.time,
    row_number() OVER (PARTITION BY k.member, k.code, k.time - k.time % 86400 ORDER BY k.time, k.subject_id) AS nth
  FROM (
    SELECT a.member, a.code, a.subject_id, a.time
    FROM acts AS a
    JOIN rules AS r ON r.code = a.code
    WHERE r.per_subject_day IS NULL
    UNION ALL
    SELECT c.member, c.code, c.subject_id, c.time
    FROM (
      SELECT
        a.member, a.code, a.subject_id, a.time, r.per_subject_day,
        row_number() OVER (PARTITION BY a.member, a.code, a.subject_id, a.time - a.time % 86400 ORDER BY a.time) AS nth
      FROM acts AS a
      JOIN rules AS r ON r.code = a.code
      WHERE r.per_subject_day IS NOT NULL
    ) AS c
    WHERE c.nth <= c.per_subject_day
  ) AS k
) AS d
JOIN rules AS r ON r.code = d.code
WHERE d.nth <= r.per_day;

DROP TABLE acts;

-- Given and received. A creator, as registered (whoever owns the content now), receives for what counted and happened from the second of
-- the registration on. Received codes are 10 to 12.
CREATE TABLE contributions AS
SELECT t.member, t.code, count(*) AS times
FROM (
  SELECT member, code FROM counted
  UNION ALL
  SELECT s.creator, r.received_as
  FROM counted AS c
  JOIN rules AS r ON r.code = c.code
  JOIN subjects AS s ON s.subject_id = c.subject_id
  WHERE r.received_as IS NOT NULL AND s.creator IS NOT NULL AND s.registered <= c.time
) AS t
GROUP BY t.member, t.code;

DROP TABLE counted;

-- points = sum of weight x times x incentive percent x (100, or for advanced tasks the high-value percent)
CREATE TABLE points AS
SELECT m.member, m.account, t.points
FROM (
  SELECT
    c.member,
    CAST(sum(c.times * w.weight * m.incentive * CASE WHEN c.code = 13 THEN m.high_value ELSE 100 END) AS bigint) AS points
  FROM contributions AS c
  JOIN members AS m ON m.member = c.member
  JOIN weights AS w ON w.code = CASE WHEN c.code = 13 THEN 7 ELSE c.code END
  GROUP BY c.member
) AS t
JOIN members AS m ON m.member = t.member
WHERE t.points > 0;
