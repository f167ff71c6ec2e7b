"""What is tried of the scripts that release and deploy: where each stands and its step, what is put before it, and what has to hold of the run."""

import json

from runner import SHA, git

CHANGES, ROLLBACK = "clarity/ci/changes-production", "clarity/ci/rollback-production"
RELEASE, PROD = "integr8scode/ci/release", "coding-tutor/deploy-prod/deploy-prod"
BOTH = "clarity-chatserver=true\nclarity-webapp=true\nany=true\n"


def history(*commits):
    """Commits that touch these files, one after the other; `last` in the answer stands for the commit before all of them."""
    def prepare(tree):
        git(tree, "init")
        git(tree, "commit", "--allow-empty", "-m", "deployed")
        git(tree, "update-ref", "refs/deployed", "HEAD")
        for files in commits:
            for path in files:
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
                (tree / path).write_text(str(commits.index(files)))
            git(tree, "add", ".")
            git(tree, "commit", "--allow-empty", "-m", "change")
    return prepare


SERVER, WEB, BACK = "Deploy clarity-chatserver to production", "Deploy clarity-webapp to production", "Roll back production"


# git takes a name for a commit, so the fake's answer may be one.
def runs(*of):
    """What GitHub says of runs: commit, day, what started each, and how its jobs ended, by name; a word is how all that deploy did."""
    made, jobs = [], []
    for number, (commit, day, event, ended) in enumerate(of):
        at = f"2026-02-{day:02}T00:00:00Z"
        made.append({"databaseId": number, "headSha": commit, "updatedAt": at, "event": event})
        ended = ended if isinstance(ended, dict) else {SERVER: ended, WEB: ended, BACK: "skipped"}
        jobs.append({"jobs": [{"name": name, "conclusion": how, "completed_at": at} for name, how in ended.items()]})
    return {"ANSWER": json.dumps(made), "JOBS": json.dumps(jobs)}


DEPLOYED = runs(("refs/deployed", 1, "push", "success"))
AGAIN = runs(("HEAD", 1, "push", "success"), ("refs/deployed", 3, "push", "success"))
GONE = runs(("0" * 40, 1, "push", "success"))


def reverted(*tried):
    """A commit, and one that takes it back; the runs are those of the commit between."""
    def prepare(tree):
        history(["src/a.py"])(tree)
        git(tree, "update-ref", "refs/tried", "HEAD")
        git(tree, "revert", "--no-edit", "HEAD")
    return {"env": {"WORKFLOW": "ci.yml", **runs(("refs/deployed", 1, "push", "success"), *tried)}, "prepare": prepare}


def compared(what, expected, *commits, env=None):
    given = {"env": {"WORKFLOW": "ci.yml", **(env or DEPLOYED)}, "prepare": history(*commits)}
    return (what, CHANGES, "Compare with what was deployed last", given,
            lambda run: run.code == 0 and run.output == expected)


ONE, OTHER = "clarity-chatserver=true\nany=true\n", "clarity-webapp=true\nany=true\n"

# Instead of the script that deploys: it writes down what it was told.
SCRIPT = "#!/bin/sh\necho \"script $*\" >> \"$CALLS\"\nprintf '%s' \"${IMAGES-}\" >> \"$CALLS\"\ncat \"$CALLS.says\" 2> /dev/null || :\n"


def scripted(path):
    def prepare(tree):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(SCRIPT)
        (tree / path).chmod(0o755)
    return prepare


def back(what, deployed, calls):
    return (what, ROLLBACK, "Go back", {"env": {"DEPLOYED": deployed}, "prepare": scripted("deploy/production.sh")},
            lambda run: run.code == 0 and run.calls == calls)


def tags(*named):
    refs = [{"ref": f"refs/tags/{name}", "object": {"sha": sha}} for name, sha in named]
    return {"ANSWER": json.dumps(refs)}


def version(what, now, expected, *named):
    given = {"env": {"NOW": now, **tags(*named)}}
    return (what, RELEASE, "Find the next version", given,
            lambda run: run.code == 0 and run.output == f"version={expected}\n")


def confirmed(what, mode, word, goes):
    given = {"env": {"RESET_MODE": mode, "RESET_MODE_CONFIRM": word}}
    return (what, PROD, "Look for the words that confirm", given,
            lambda run: (run.code == 0) == goes and (goes or "::error::RESET_MODE" in run.said))


PRODUCTION, LOOK = "clawtriage/deploy-production/deploy-production", "Look whether the tests of this commit passed"


def tested(*of):
    """What GitHub says of the runs of a commit: how the job of that name ended in each, and on which day."""
    jobs = [{"jobs": [{"name": "Test", "status": "completed", "conclusion": "success", "completed_at": "2026-02-28T00:00:00Z"},
                      {"name": "Passed", "status": "completed" if ended else "in_progress", "conclusion": ended,
                       "completed_at": f"2026-02-{day:02}T00:00:00Z" if ended else None}]} for ended, day in of]
    return {"ANSWER": json.dumps([{"databaseId": number} for number in range(len(of))]), "JOBS": json.dumps(jobs)}


def passed(what, goes, *of):
    return (f"a commit that {what}", PRODUCTION, LOOK, {"env": {"CHECK": "Passed", "WORKFLOW": "ci.yml", **tested(*of)}},
            lambda run: (run.code == 0) == goes and (goes or "::error::the check Passed of" in run.said)
            and f"--workflow ci.yml --commit {SHA}" in run.calls[0])


# Runs the lines that it is given as the server would, where docker answers with $HEALTH.
LINES = """#!/bin/sh
exec bash -eo pipefail -c 'docker() { printf %s "$HEALTH"; }
'"$(cat)"
"""


def provided(health, goes):
    def prepare(tree):
        scripted("deploy/prod.sh")(tree)
        (tree / "deploy/prod.sh").write_text(LINES)
    return (f"providers that say {health}", PROD, "After the deployment", {"env": {"HEALTH": health}, "prepare": prepare},
            lambda run: (run.code == 0) == goes)


IMAGE = "ghcr.io/hardmax71/integr8scode/backend"
TABLE = [
    compared("what never was deployed is deployed in full", BOTH, ["docs/a"], env={"ANSWER": "[]"}),
    compared("one app's source", ONE, ["src/core/a.py"]),
    compared("the other's source", OTHER, ["webApp/src/a.ts"]),
    compared("both", BOTH, ["src/a.py"], ["webApp/src/a.ts"]),
    compared("nothing that is deployed", "any=\n", ["docs/a.md"], ["srcs/a"]),
    compared("what is beside an app's source", "any=\n", ["chatServer/other.py"]),
    compared("how one app is configured", ONE, ["chatServer/fly.toml"]),
    compared("how everything is deployed", BOTH, ["deploy/production.sh"]),
    compared("a failed deployment and then an unrelated push", ONE, ["src/a.py"], ["docs/a.md"]),
    compared("an older run that was run again", ONE, ["src/a.py"], env=AGAIN),
    *[(f"a commit is taken back that {what}: {expected!r}", CHANGES, "Compare with what was deployed last", reverted(*tried),
       lambda run, expected=expected: run.code == 0 and run.output == expected)
      for what, expected, tried in [
          ("failed", ONE, [("refs/tried", 2, "push", "failure")]),
          ("was cut off", ONE, [("refs/tried", 2, "push", "cancelled")]),
          ("a person deployed", ONE, [("refs/tried", 2, "push", "failure"), ("refs/tried", 3, "workflow_dispatch", "success")]),
          ("was asked for only", "any=\n", [("refs/tried", 2, "pull_request", "failure")]),
          ("failed for one app", ONE, [("refs/tried", 2, "push", {SERVER: "failure", WEB: "success"})]),
          ("was rolled back", ONE, [("refs/tried", 2, "push", {SERVER: "success", WEB: "success", BACK: "success"})]),
          ("was deployed elsewhere only", "any=\n", [("refs/tried", 2, "push", {"Deploy to staging": "success", SERVER: "skipped", WEB: "skipped"})]),
          ("never ran", "any=\n", [])]],
    compared("what went well here, though the run failed elsewhere", "any=\n", ["docs/a.md"],
             env=runs(("refs/deployed", 1, "push", {"Deploy to staging": "failure", SERVER: "success", WEB: "success"}))),
    compared("a run that went well and left this environment out", ONE, ["src/a.py"],
             env=runs(("HEAD", 2, "push", {SERVER: "skipped", WEB: "skipped"}), ("refs/deployed", 1, "push", "success"))),
    compared("one app that had nothing to deploy then", OTHER, ["webApp/src/a.ts"],
             env=runs(("refs/deployed", 1, "push", {SERVER: "success", WEB: "skipped"}))),
    compared("a first deployment that failed", BOTH, ["docs/a.md"], env=runs(("refs/deployed", 1, "push", "failure"))),
    compared("a commit that is gone", BOTH, ["docs/a.md"], env=GONE),
    compared("a run by hand", BOTH, ["docs/a.md"], env={**DEPLOYED, "GITHUB_EVENT_NAME": "workflow_dispatch"}),
    ("only runs of the branch are asked for", CHANGES, "Compare with what was deployed last",
     {"env": {"WORKFLOW": "ci.yml", "GITHUB_REPOSITORY": "acme/clarity", **DEPLOYED}, "prepare": history(["a"])},
     lambda run: "gh run list --repo acme/clarity --workflow ci.yml --branch main --status completed" in run.calls[0]),
    ("what cannot be asked fails", CHANGES, "Compare with what was deployed last",
     {"env": {"WORKFLOW": "ci.yml", "FAIL": "gh"}, "prepare": history(["src/a"])}, lambda run: run.code == 1 and not run.output),

    back("the app that went well goes back, the one that failed has gone back itself",
         "failure clarity-webapp clarity-webapp registry.fly.io/w:1\nsuccess clarity-chatserver clarity-chatserver registry.fly.io/c:1\n",
         ["script back", "clarity-chatserver registry.fly.io/c:1"]),
    back("what was cut off goes back", "cancelled clarity-webapp clarity-webapp registry.fly.io/w:1\nskipped clarity-chatserver \n",
         ["script back", "clarity-webapp registry.fly.io/w:1"]),
    back("nothing was deployed", "failure clarity-webapp clarity-webapp registry.fly.io/w:1\nskipped clarity-chatserver \n", []),
    ("what GitHub keeps back is told", ROLLBACK, "Go back",
     {"env": {"DEPLOYED": "success clarity-webapp \nsuccess clarity-chatserver clarity-chatserver registry.fly.io/c:1\n"},
      "prepare": scripted("deploy/production.sh")},
     lambda run: run.code == 1 and run.calls == ["script back", "clarity-chatserver registry.fly.io/c:1"]
     and "go back by hand: clarity-webapp" in run.said),
    ("what runs is remembered", "clarity/ci/deploy-production_clarity-webapp", "Remember what runs",
     {"prepare": scripted("deploy/production.sh")},
     lambda run: run.output == "images<<END\nEND\n" and run.calls == ["script images clarity-webapp"]),

    version("no earlier release", "2026-11-28", "2026.11.0"),
    version("the next of the month", "2026-11-28", "2026.11.2", ("2026.11.0", "a"), ("2026.11.1", "b")),
    version("numbers and not words", "2026-11-28", "2026.11.11", ("2026.11.9", "a"), ("2026.11.10", "b")),
    version("a month's turn", "2026-12-01", "2026.12.0", ("2026.11.7", "a")),
    version("a month of one digit", "2026-02-03", "2026.2.1", ("2026.2.0", "a"), ("2026.12.4", "b")),
    version("a year's turn", "2027-01-01", "2027.1.0", ("2026.12.3", "a"), ("2026.1.5", "b")),
    version("tags of others", "2026-11-28", "2026.11.1", ("2026.11.0", "a"), ("2026.11.x", "b"), ("2.0.0", "c"), ("2026-11-09", "d")),
    version("a run of the same commit again", "2026-12-01", "2026.11.3", ("2026.11.3", SHA), ("2026.11.4", "b")),
    ("a version that cannot be found out is none", RELEASE, "Find the next version", {"env": {"FAIL": "gh"}},
     lambda run: run.code == 1 and not run.output),
    ("each image has the version", RELEASE, "Give it to the images",
     {"env": {"VERSION": "2026.2.0", "IMAGES": f"{IMAGE}@sha256:1\nghcr.io/x/frontend@sha256:2"}},
     lambda run: run.calls == [f"docker buildx imagetools create --tag {IMAGE}:2026.2.0 {IMAGE}@sha256:1",
                               "docker buildx imagetools create --tag ghcr.io/x/frontend:2026.2.0 ghcr.io/x/frontend@sha256:2"]),
    ("an image that cannot have it stops the release", RELEASE, "Give it to the images",
     {"env": {"VERSION": "2026.2.0", "IMAGES": f"{IMAGE}@sha256:1", "FAIL": "docker"}}, lambda run: run.code == 1),
    ("an image that GitHub keeps back stops the release", RELEASE, "Give it to the images",
     {"env": {"VERSION": "2026.2.0", "IMAGES": "@"}}, lambda run: run.code == 1 and not run.calls and "::error::" in run.said),
    ("the release is published once", RELEASE, "Publish the release", {"env": {"VERSION": "2026.2.0"}},
     lambda run: run.code == 0 and len(run.calls) == 1),
    ("a new one is published", RELEASE, "Publish the release",
     {"env": {"VERSION": "2026.2.0", "GITHUB_REPOSITORY": "a/b", "FAIL": "gh release view"}},
     lambda run: run.code == 0 and run.calls[1].startswith(f"gh release create 2026.2.0 --repo a/b --target {SHA} ")),
    ("one that cannot be published fails", RELEASE, "Publish the release",
     {"env": {"VERSION": "2026.2.0", "FAIL": "gh release"}}, lambda run: run.code == 1),

    provided('{"google": {"available": true, "ms": 3}, "vertex_embedding": {"available": true}}', True),
    provided('{"google":true,"vertex_embedding":true}', True),
    provided('{"google": {"available": true}, "vertex_embedding": {"available": false}}', False),
    provided('{"google": {"available": false}, "other": {"available": true}, "vertex_embedding": {"available": true}}', False),
    provided('{"google": {"available": true}}', False),

    confirmed("nothing to confirm", "none", "", True),
    confirmed("no word", "all_volumes", "", False),
    confirmed("the wrong word", "all_volumes", "reset_all_volumes", False),
    confirmed("the word", "all_volumes", "RESET_ALL_VOLUMES", True),
    confirmed("a word that is not needed", "none", "RESET_ALL_VOLUMES", True),

    *[passed(what, goes, *checks) for what, goes, checks in [
        ("passed", True, [("success", 1)]), ("never was tested", False, []), ("failed", False, [("failure", 1)]),
        ("failed and then passed", True, [("success", 2), ("failure", 1)]), ("passed and then failed", False, [("success", 1), ("failure", 2)]),
        ("passed and is tested again", True, [("success", 1), (None, 2)]), ("is being tested", False, [(None, 1)])]],
    ("what cannot be asked is not deployed", PRODUCTION, LOOK, {"env": {"CHECK": "Passed", "FAIL": "gh"}}, lambda run: run.code == 1),
    ("nor what can be asked in part", PRODUCTION, LOOK,
     {"env": {"CHECK": "Passed", "WORKFLOW": "ci.yml", **tested(("success", 1), ("failure", 2)), "FAIL": "gh api --paginate repos//actions/runs/1/"}},
     lambda run: run.code == 1),
]
