"""Data that is saved, changed and brought back by the script of an environment: real databases, and files in a volume."""

import difflib
import os
import pathlib
import re
import shutil
import time

import bases
from docker import Failed, call

SOURCE = pathlib.Path(__file__).parent / "restore"
PASSWORD = "it's $HOME"
DAY = 24 * 60 * 60

ROWS = """CREATE TYPE state AS ENUM ('open', 'done');
CREATE TABLE owners (id serial PRIMARY KEY, name text UNIQUE NOT NULL);
CREATE TABLE notes (id serial PRIMARY KEY, owner int REFERENCES owners, said text, state state DEFAULT 'open');
CREATE VIEW told AS SELECT name, said FROM notes JOIN owners ON owner = owners.id;
CREATE SCHEMA audit;
CREATE TABLE audit.events (at int, what jsonb);
INSERT INTO owners (name) VALUES ('ann'), ('bob');
INSERT INTO notes (owner, said) VALUES (1, E'two\\nlines'), (2, 'it''s $1 \\ "x"');
INSERT INTO audit.events VALUES (1, '{"a": [1, 2]}');"""
# What comes depends on what was there, and what goes is depended on.
OTHER_ROWS = """DELETE FROM notes WHERE id = 1;
UPDATE owners SET name = 'carl' WHERE id = 2;
CREATE TABLE replies (note int REFERENCES notes, said text);
CREATE VIEW louder AS SELECT upper(said) FROM told;
CREATE SCHEMA later CREATE TABLE things (id int);
DROP SCHEMA audit CASCADE;"""
BOOKS = """CREATE DATABASE shop;
CREATE TABLE shop.books (id int AUTO_INCREMENT PRIMARY KEY, title varchar(40) UNIQUE) DEFAULT CHARSET utf8mb4;
CREATE TABLE shop.loans (book int, FOREIGN KEY (book) REFERENCES shop.books (id));
INSERT INTO shop.books (title) VALUES ('it''s \\\\ "x"'), ('Straße');
INSERT INTO shop.loans VALUES (2);"""
OTHER_BOOKS = """DELETE FROM shop.books WHERE id = 1;
DROP TABLE shop.loans;
CREATE TABLE shop.readers (id int, book int, FOREIGN KEY (book) REFERENCES shop.books (id));
CREATE DATABASE later;
CREATE TABLE later.things (id int);"""
FILES = "cd /uploads && mkdir -p 'a b' && echo one > 'a b/one' && echo two > .two && chmod 640 .two && chown -R 10001:10001 ."
OTHER_FILES = "cd /uploads && rm .two && echo changed > 'a b/one' && echo new > new"


class Restore:
    """A project, and what is looked at in it."""

    def __init__(self):
        self.folder = pathlib.Path(os.environ["E2E_HOME"]) / "work/restore"
        self.backups = self.folder / "backups"
        self.before, self.after = {}, {}

    def compile(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(SOURCE, self.folder)
        call(os.environ["STACKC"], "build", "-C", self.folder)
        for image in set(re.findall(r"image: (\S+)", (self.folder / "docker-compose.yml").read_text())):
            bases.ensure(image)
        # Who makes the folder owns the copies.
        self.backups.mkdir()

    def script(self, *words, fails=False, says="", **env):
        """The command ends well or not, and says that."""
        code, text = call(self.folder / "deploy/prod.sh", *words, cwd="/", env={"DB_PASSWORD": PASSWORD} | env, ok=False)
        if (code != 0) != fails or says not in text:
            raise Failed(f"{' '.join(map(str, words))}: ended with {code}, or does not say {says!r}\n{text}")

    def inside(self, service, *words):
        words = ("docker", "compose", "exec", "-T", service, *words)
        return call(*words, cwd=self.folder, env={"DB_PASSWORD": PASSWORD})

    def forget(self):
        call("docker", "compose", "down", "--volumes", "--timeout", "1", cwd=self.folder, ok=False)

    def ledger(self, program, *words):
        return self.inside("ledger", "env", f"MYSQL_PWD={PASSWORD}", program, "--user=root", *words)

    def change(self, rows, books, files):
        self.inside("db", "psql", "--quiet", "--set=ON_ERROR_STOP=1", "--username=shop", f"--command={rows}")
        self.ledger("mariadb", "--default-character-set=utf8mb4", f"--execute={books}")
        self.inside("web", "sh", "-c", files)

    def state(self, what):
        """All that there is to see of one of the three."""
        if what == "rows":
            text = self.inside("db", "pg_dump", "--username=shop")
            # These lines bear a word of their own each time.
            return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.M)
        if what == "books":
            names = self.ledger("mariadb", "--skip-column-names", "--execute=SHOW DATABASES").split()
            own = [name for name in names if name not in ("mysql", "sys", "information_schema", "performance_schema")]
            return self.ledger("mariadb-dump", "--skip-dump-date", "--databases", *own)
        return self.inside("web", "sh", "-c", "cd /uploads && find . -printf '%P %m %U:%G\\n' | sort && find . -type f | sort | xargs -d '\\n' cat")

    def states(self):
        return {what: self.state(what) for what in ("rows", "books", "files")}

    def fill(self):
        self.change(ROWS, BOOKS, FILES)
        self.before = self.states()

    def lose(self):
        self.change(OTHER_ROWS, OTHER_BOOKS, OTHER_FILES)
        self.after = self.states()
        if any(self.before[what] == self.after[what] for what in self.before):
            raise Failed("nothing has changed")

    def copies(self, ending=""):
        return sorted(path for path in self.backups.iterdir() if path.name.endswith(ending))

    def copy(self, what):
        """The first copy that was made of it."""
        begin, ending = {"rows": ("shop-db", ".sql.gz"), "books": ("shop-ledger", ".sql.gz"), "files": ("shop-db", ".uploads.tar.gz")}[what]
        return next(path for path in self.copies(ending) if path.name.startswith(begin))

    def saved(self, count):
        """So many copies of each, for their owner alone."""
        for what, ending in (("db", ".sql.gz"), ("ledger", ".sql.gz"), ("db", ".uploads.tar.gz")):
            found = [path for path in self.copies(ending) if path.name.startswith(f"shop-{what}-")]
            if len(found) != count or any(path.stat().st_mode & 0o77 for path in found):
                raise Failed(f"{what}: {[path.name for path in self.copies()]}, and not {count}")
        if self.copies(".part"):
            raise Failed(f"what is not whole: {self.copies('.part')}")

    def refused(self, what, says, path=None, **env):
        """A command that brings nothing back: what there is stays, and nothing is saved for it."""
        copies = self.copies()
        self.script("restore", self.job(what), path or self.copy(what), fails=True, says=says, **env)
        self.same(what, self.after)
        if self.copies() != copies:
            raise Failed(f"a copy was made: {self.copies()}")

    def torn(self):
        for what in self.before:
            path = self.folder / self.copy(what).name
            whole = self.copy(what).read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
            self.refused(what, "unexpected end of file", path=path, CONFIRM="restore")

    def job(self, what):
        return "save-ledger" if what == "books" else "save"

    def restore(self, what):
        self.script("restore", self.job(what), self.copy(what), CONFIRM="restore")
        self.same(what, self.before)

    def same(self, what, wanted):
        differs = difflib.unified_diff(wanted[what].splitlines(), self.state(what).splitlines(), "was", "is", lineterm="")
        if differs := list(differs):
            raise Failed("\n".join(differs))

    def undo(self):
        """What was there before the copy came is in the copy that was made then."""
        newest = self.copies("sql.gz")
        newest = max((path for path in newest if path.name.startswith("shop-db")), key=lambda path: path.stat().st_mtime)
        self.script("restore", "save", newest, CONFIRM="restore")
        self.same("rows", self.after)

    def age(self, days):
        for path in self.copies():
            os.utime(path, (time.time() - days * DAY,) * 2)


def checks(restore):
    """What is tried in order; all of it hangs together."""
    yield "compile", restore.compile
    yield "up", lambda: restore.script("up")
    yield "data comes", restore.fill
    yield "backup", lambda: restore.script("backup")
    yield "leaves a copy of each", lambda: restore.saved(1)
    yield "data changes", restore.lose
    yield "no word brings nothing back", lambda: restore.refused("rows", "CONFIRM=restore deploy/prod.sh restore save ")
    yield "nor does the wrong one", lambda: restore.refused("books", "this replaces data", CONFIRM="volumes")
    yield "nor does a torn file", restore.torn
    yield "PostgreSQL is as it was", lambda: restore.restore("rows")
    yield "and a copy was made before", lambda: restore.saved(2)
    yield "that brings the other state back", restore.undo
    yield "MariaDB is as it was", lambda: restore.restore("books")
    yield "the volume is as it was", lambda: restore.restore("files")
    yield "what stopped for it runs", lambda: restore.inside("web", "true")
    yield "copies are a week old", lambda: restore.age(8)
    yield "what is saved before a restore removes none", lambda: restore.restore("rows")
    yield "no copy is gone", lambda: restore.saved(6)
    yield "a backup", lambda: restore.script("backup")
    yield "removes what is too old", lambda: restore.saved(2)
    yield "down", lambda: restore.script("down", "--volumes", CONFIRM="volumes")
