BEGIN TRANSACTION;
CREATE TABLE assignments (
	id VARCHAR(32) NOT NULL, 
	step INTEGER NOT NULL, 
	card VARCHAR(32) NOT NULL, 
	player VARCHAR(8) NOT NULL, 
	at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(card) REFERENCES cards (id), 
	FOREIGN KEY(player) REFERENCES players (id)
);
INSERT INTO "assignments" VALUES('00000000000000000000000000000002',1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','P001','2026-11-02T08:04:00Z');
INSERT INTO "assignments" VALUES('00000000000000000000000000000004',1,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','P002','2026-11-02T08:08:00Z');
CREATE TABLE audits (
	id VARCHAR(32) NOT NULL, 
	card VARCHAR(32) NOT NULL, 
	counter BIGINT NOT NULL, 
	place BIGINT NOT NULL, 
	step INTEGER NOT NULL, 
	load VARCHAR(32), 
	manifest VARCHAR(32), 
	verification VARCHAR(32) NOT NULL, 
	verdict VARCHAR(16) NOT NULL, 
	findings TEXT NOT NULL, 
	at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(card) REFERENCES cards (id)
);
INSERT INTO "audits" VALUES('00000000000000000000000000000005','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',2,2,1,NULL,'f4b2abf4c2260047cdd303090f642e7b','read past the cache','good','{"litter":2}
','2026-11-02T08:11:00Z');
CREATE TABLE cards (
	id VARCHAR(32) NOT NULL, 
	first_seen VARCHAR(20) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "cards" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','2026-11-02T08:03:00Z');
INSERT INTO "cards" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','2026-11-02T08:07:00Z');
CREATE TABLE loads (
	id VARCHAR(32) NOT NULL, 
	parent VARCHAR(32), 
	card VARCHAR(32) NOT NULL, 
	counter BIGINT NOT NULL, 
	place BIGINT NOT NULL, 
	step INTEGER NOT NULL, 
	player VARCHAR(8) NOT NULL, 
	manifest VARCHAR(32) NOT NULL, 
	at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(card) REFERENCES cards (id), 
	FOREIGN KEY(player) REFERENCES players (id), 
	FOREIGN KEY(manifest) REFERENCES releases (manifest)
);
INSERT INTO "loads" VALUES('00000000000000000000000000000001',NULL,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',0,0,1,'P001','4d853382d63a91614f00b402bbb77765','2026-11-02T08:05:00Z');
INSERT INTO "loads" VALUES('00000000000000000000000000000003',NULL,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',0,0,1,'P002','4d853382d63a91614f00b402bbb77765','2026-11-02T08:09:00Z');
CREATE TABLE outcomes (
	load VARCHAR(32) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	counter BIGINT NOT NULL, 
	verification VARCHAR(32) NOT NULL, 
	verified INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	at VARCHAR(20) NOT NULL, 
	PRIMARY KEY (load), 
	FOREIGN KEY(load) REFERENCES loads (id)
);
INSERT INTO "outcomes" VALUES('00000000000000000000000000000001','done',2,'',1,'','2026-11-02T08:06:00Z');
INSERT INTO "outcomes" VALUES('00000000000000000000000000000003','failed',0,'',0,'满','2026-11-02T08:10:00Z');
CREATE TABLE players (
	id VARCHAR(8) NOT NULL, 
	community TEXT NOT NULL, 
	note TEXT NOT NULL, 
	profile TEXT, 
	state VARCHAR(16) NOT NULL, 
	added VARCHAR(20) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "players" VALUES('P001','东湖社区','蓝色外壳','folders','active','2026-11-02T08:00:00Z');
INSERT INTO "players" VALUES('P002','O''Hara "社区"; --','',NULL,'active','2026-11-02T08:01:00Z');
INSERT INTO "players" VALUES('P1000','','',NULL,'active','2026-11-02T08:02:00Z');
CREATE TABLE registry_schema (
	version INTEGER NOT NULL
);
INSERT INTO "registry_schema" VALUES(1);
CREATE TABLE releases (
	manifest VARCHAR(32) NOT NULL, 
	release TEXT NOT NULL, 
	series TEXT NOT NULL, 
	sequence INTEGER NOT NULL, 
	profile TEXT NOT NULL, 
	content VARCHAR(64) NOT NULL, 
	title TEXT NOT NULL, 
	created VARCHAR(20) NOT NULL, 
	tracks INTEGER NOT NULL, 
	size BIGINT NOT NULL, 
	PRIMARY KEY (manifest)
);
INSERT INTO "releases" VALUES('4d853382d63a91614f00b402bbb77765','main-0001','main',1,'folders','e677922babef2952b9d1197e21eb442acc699072145400453d49b284a518c7cd','本周学习','2026-11-23T08:00:00Z',1,3);
INSERT INTO "releases" VALUES('f4b2abf4c2260047cdd303090f642e7b','main-0002','main',2,'folders','355d61b9b18f13d4c57c1daf3a2745c5e13b7c5daccbde64f625a13c4826771c','本周学习','2026-11-23T08:00:00Z',1,3);
CREATE INDEX releases_by_sequence ON releases (series, profile, sequence);
CREATE INDEX assignments_by_card ON assignments (card, step);
CREATE INDEX assignments_by_player ON assignments (player, step);
CREATE INDEX loads_by_manifest ON loads (manifest);
CREATE INDEX loads_by_card ON loads (card, place, step);
CREATE INDEX audits_by_card ON audits (card, place, step);
COMMIT;
