"""A name server for the services, where Docker has its own and where Fly does. Its answers can be changed while it runs."""

import socket
import struct
import threading


class Names(threading.Thread):
    """Answers questions for addresses, on port 53 of one address."""

    def __init__(self, address, known):
        super().__init__(daemon=True)
        self.known = known
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))

    def run(self):
        while True:
            question, client = self.socket.recvfrom(512)
            self.socket.sendto(self.answer(question), client)

    def answer(self, question):
        """The answer to one question: an address, or that there is none."""
        at, labels = 12, []
        while length := question[at]:
            labels.append(question[at + 1 : at + 1 + length].decode())
            at += 1 + length
        kind = struct.unpack(">H", question[at + 1 : at + 3])[0]
        asked = question[12 : at + 5]
        address = self.known.get(".".join(labels).lower())
        found = address if kind == 1 else None
        code = 0 if address else 3
        head = question[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, 1 if found else 0, 0, 0)
        record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton(found) if found else b""
        return head + asked + record
