"""The same work by asyncssh: the same command and program on every host, the same ticks, replies kept in a file that
is synced every second. It does not parse them, and so does less than the collector.

Usage: asyncssh_peer.py COMMAND PROGRAM HOSTS KNOWN_HOSTS KEY USER LOG SECONDS
PROGRAM is a file whose nonce is 0123456789abcdef; HOSTS has lines `name address port`.
Prints one JSON object after SECONDS of steady state.
"""

import asyncio
import json
import os
import random
import resource
import sys
import time

import asyncssh

NONCE = "0123456789abcdef"
TICK_S = 10.0


class Peer:
    def __init__(self, arguments):
        self.command, program, hosts, known, self.key, self.user, log, seconds = arguments
        self.program = open(program, "rb").read().strip() + b"\n"
        self.hosts = [line.split() for line in open(hosts)]
        self.known = asyncssh.read_known_hosts(known)
        self.log = open(log, "wb")
        self.seconds = float(seconds)
        self.gate = asyncio.Semaphore(16)
        self.ready = 0
        self.replies = 0
        self.bytes = 0
        self.failures = []

    async def ask(self, process, letter, number):
        process.stdin.write(f"{letter} {number} \n".encode())
        reply = await process.stdout.readuntil(f"@{NONCE} E {number}\n".encode())
        self.log.write(reply)
        self.replies += 1
        self.bytes += len(reply)

    async def read_on(self, address, port):
        async with self.gate:
            connection = await asyncssh.connect(
                address, int(port), username=self.user, client_keys=[self.key], known_hosts=self.known, config=None, agent_path=None
            )
            process = await connection.create_process(self.command, encoding=None)
            process.stdin.write(self.program)
            await process.stdout.readuntil(f"@{NONCE} R 1\n".encode())
        await self.ask(process, "l", 1)
        await self.ask(process, "m", 2)
        self.ready += 1
        shift, number = random.random() * TICK_S, 3
        while True:
            due = (time.time() - shift) // TICK_S * TICK_S + TICK_S + shift
            await asyncio.sleep(due - time.time())
            whole = due // 60 != (due - TICK_S) // 60
            await self.ask(process, "m" if whole else "t", number)
            number += 1

    async def guarded(self, address, port):
        try:
            await self.read_on(address, port)
        except Exception as error:  # counted and told, never hidden
            self.failures.append(f"{address}: {error!r}")

    async def sync(self):
        while True:
            await asyncio.sleep(1)
            self.log.flush()
            os.fdatasync(self.log.fileno())

    async def run(self):
        tasks = [asyncio.create_task(self.guarded(address, port)) for _, address, port in self.hosts]
        tasks.append(asyncio.create_task(self.sync()))
        begun = time.monotonic()
        while self.ready + len(self.failures) < len(self.hosts) and time.monotonic() - begun < 120:
            await asyncio.sleep(0.1)
        connected = time.monotonic() - begun
        await asyncio.sleep(3)
        cpu, replies, size = time.process_time(), self.replies, self.bytes
        await asyncio.sleep(self.seconds)
        cpu, replies, size = time.process_time() - cpu, self.replies - replies, self.bytes - size
        resident = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))
        answer = {
            "hosts": self.ready,
            "failures": self.failures[:5],
            "connected_s": connected,
            "cpu_s": cpu,
            "replies": replies,
            "bytes": size,
            "resident_kib": resident,
            "version": asyncssh.__version__,
        }
        print(json.dumps(answer), flush=True)
        os._exit(0)


if __name__ == "__main__":
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    asyncio.run(Peer(sys.argv[1:]).run())
