"""The base images that Dockerfiles name: local ones that stand in for them, made by bases/Dockerfile when somebody needs them."""

import os
import pathlib
import re

from docker import Failed, call, docker

HERE = pathlib.Path(__file__).parent / "bases"
DEBIAN = "debian:trixie-slim"
# Where `install` has put the authorities that this machine trusts, for each program that has a bundle of its own.
BUNDLE = "/usr/local/share/machine.crt"
TRUST = ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CARGO_HTTP_CAINFO"]


def named(dockerfile):
    """The images that a Dockerfile takes from elsewhere."""
    stages, images = set(), []
    for line in dockerfile.splitlines():
        if begun := re.match(r"FROM (?:--platform=\S+ )?(\S+) AS (\S+)$", line):
            images += [begun[1]] if begun[1] not in stages else []
            stages.add(begun[2])
        elif copied := re.match(r"COPY (?:--\S+ )*--from=(\S+)", line):
            images += [copied[1]] if copied[1] not in stages else []
    return images


def ensure(image):
    """Makes the image unless it is there. Its stage is called like it, with `-` for what a stage's name may not have."""
    if call("docker", "image", "inspect", DEBIAN, ok=False)[0] != 0:
        trust = [word for name in TRUST for word in ("--change", f"ENV {name}={BUNDLE}")]
        docker("import", *trust, "--change", 'CMD ["bash"]', os.environ["E2E_HOME"] + "/debian.tar", DEBIAN)
    stage = re.sub(r"[:/]", "-", image)
    if image != DEBIAN and f" AS {stage}\n" not in (HERE / "Dockerfile").read_text():
        raise Failed(f"no stand-in for {image}: bases/Dockerfile has no stage {stage}")
    if image != DEBIAN:
        docker("build", "--target", stage, "--tag", image, HERE, timeout=900)
