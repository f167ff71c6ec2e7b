"""What happens while a server runs: services that come and move, certificates that change."""

SCENES = {}
