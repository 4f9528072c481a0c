#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A simulation of the queue on PostgreSQL: where does the first limit lie, with more nodes than a bench has?

usage: bench/queue_sim.py [check | scale | limits]     all of them without one; docs/scaling.md has what it printed

Events in virtual time. What takes time: processor bursts of the database server (FIFO on its cores), the way between node and server, the
flush of its log (one at a time; all commits that wait share the next), the advisory locks (one writer's lock, shared by runners and taken
alone by what concerns no single team, FIFO; one of each team; that of the API's writers, who take turns), reading. A node has one connection and does one thing at a time on it, as a runner:
claims for all free readers, files each batch by itself. All times below are measured, by the commands named beside them; nothing is assumed
but the shape of their scatter (gamma, shape 4) and of arrivals (Poisson).
"""
import collections
import heapq
import itertools
import random
import sys

MS = 1e-3
# bench_queue, 64 teams, 200,000 batches waiting: server 0.769 ms a batch where a claim takes one, 0.544 where it takes four.
CLAIM_CPU, FINISH_CPU = 0.300 * MS, 0.469 * MS
CLAIM_CLIENT, FINISH_CLIENT = 0.051 * MS, 0.058 * MS  # the same, of the runner's process
CLAIM_TRIPS, FINISH_TRIPS = 3, 2  # strace -c -e sendto bench_queue ... 1 READERS with 1 and 4 readers: 5.1 and 2.8 a batch
API_CPU, API_PIECES, API_TRIPS = 2.0 * MS, 3, 9  # of a job: begun, its part noted, completed; the api role alone with 8 clients, backends' time in /proc; sendto of its writer: 32 a job
GROUP_PIECES, GROUP_TIME = 128, 20 * MS  # db/writer.h
WAL_BYTES = 1650  # of a batch: pg_stat_wal beside bench_queue
OWNERS = 4  # teams that a claim looks at: DB_OWNERS_MAX
# What bench_queue measured on the loaded machine (fdatasync 2.87 ms by pg_test_fsync): (runners, readers) -> batches/s
MEASURED = {(1, 1): 141, (1, 4): 165, (4, 4): 594, (16, 4): 1229}
MEASURED_FSYNC = 2.87 * MS
MEASURED_CORES = 0.75  # of two, the rest was others' load: the one number that is fitted, to the point (1, 1)


class Sim:
    """Processes are generators; they yield seconds to wait, or a list that somebody wakes them from."""

    def __init__(self, seed=1):
        self.now, self.events, self.count, self.rng = 0.0, [], itertools.count(), random.Random(seed)

    def start(self, process, delay=0.0):
        heapq.heappush(self.events, (self.now + delay, next(self.count), process))

    def run(self, until):
        while self.events and self.events[0][0] <= until:
            self.now, _, process = heapq.heappop(self.events)
            try:
                wanted = next(process)
            except StopIteration:
                continue
            if isinstance(wanted, (int, float)):
                self.start(process, wanted)
            else:
                wanted.append(process)

    def about(self, mean):
        return self.rng.gammavariate(4, mean / 4) if mean > 0 else 0.0


class Cores:
    def __init__(self, sim, cores):
        self.sim, self.speed = sim, min(1.0, cores)
        self.free, self.queue, self.busy = max(1, round(cores)), collections.deque(), 0.0

    def use(self, seconds):
        if seconds <= 0:
            return
        if self.free == 0:
            waiting = []
            self.queue.append(waiting)
            yield waiting
        else:
            self.free -= 1
        took = self.sim.about(seconds) / self.speed
        self.busy += took
        yield took
        if self.queue:
            self.sim.start(self.queue.popleft()[0])
        else:
            self.free += 1


class Log:
    """Group commit: whoever comes while the log is being flushed waits for the next flush."""

    def __init__(self, sim, seconds):
        self.sim, self.seconds, self.flushing, self.next, self.busy, self.flushes = sim, seconds, False, [], 0.0, 0

    def flush(self):
        if self.seconds <= 0:
            return
        if self.flushing:
            yield self.next
            return
        self.flushing = True
        yield from self._one()

    def _one(self):
        took = self.sim.about(self.seconds)
        self.busy += took
        self.flushes += 1
        yield took
        group, self.next = self.next, []
        if group:
            self.sim.start(self._again(group))
        else:
            self.flushing = False

    def _again(self, group):
        took = self.sim.about(self.seconds)
        self.busy += took
        self.flushes += 1
        yield took
        for process in group:
            self.sim.start(process)
        group, self.next = self.next, []
        if group:
            self.sim.start(self._again(group))
        else:
            self.flushing = False


class Lock:
    """Shared and alone, first come first served."""

    def __init__(self, sim):
        self.sim, self.sharers, self.alone, self.queue = sim, 0, False, collections.deque()

    def take(self, alone=False):
        if self.alone or self.queue or (alone and self.sharers):
            waiting = []
            self.queue.append((alone, waiting))
            yield waiting  # whoever gives it up has noted us as its holder
        else:
            self._grant(alone)

    def try_alone(self):
        if self.alone or self.sharers or self.queue:
            return False
        self._grant(True)
        return True

    def _grant(self, alone):
        if alone:
            self.alone = True
        else:
            self.sharers += 1

    def give(self, alone=False):
        if alone:
            self.alone = False
        else:
            self.sharers -= 1
        while self.queue and not self.alone and not (self.queue[0][0] and self.sharers):
            wanted, waiting = self.queue.popleft()
            self._grant(wanted)
            self.sim.start(waiting[0])


class Queue:
    def __init__(self, nodes, readers, reading=0.0, teams=64, cores=16, fsync=0.5 * MS, trip=0.2 * MS, api_jobs=0.0, shared_machine=False,
                 api="turns", api_nodes=1, seed=1):
        self.sim = Sim(seed)
        self.cores, self.log = Cores(self.sim, cores), Log(self.sim, fsync)
        self.writer, self.teams = Lock(self.sim), [Lock(self.sim) for _ in range(teams)]
        self.trip, self.reading, self.shared_machine, self.way = trip, reading, shared_machine, api
        self.done, self.claims, self.api_done, self.pieces = 0, [], 0, 0
        self.posted, self.turn, self.alone_time = [], Lock(self.sim), 0.0
        for _ in range(nodes):
            self.sim.start(self.node(readers), self.sim.rng.random() * 5 * MS)
        if api_jobs:
            self.sim.start(self.arrivals(api_jobs * API_PIECES))
            for _ in range(api_nodes):
                self.sim.start(self.api())

    def client(self, seconds):
        """On another machine it is the node's own, and no matter for the server."""
        if self.shared_machine:
            yield from self.cores.use(seconds)
        else:
            yield seconds

    def trips(self, n, cpu):
        for _ in range(n):
            yield self.trip
            yield from self.cores.use(cpu / n)

    def claim(self):
        begun = self.sim.now
        while True:
            yield from self.client(CLAIM_CLIENT)
            yield self.trip
            yield from self.writer.take()
            found = next((t for t in self.sim.rng.sample(self.teams, min(OWNERS, len(self.teams))) if t.try_alone()), None)
            yield from self.cores.use(CLAIM_CPU / CLAIM_TRIPS)
            if found is None:
                self.writer.give()
                yield 1 * MS
                continue
            yield from self.trips(CLAIM_TRIPS - 1, CLAIM_CPU * (CLAIM_TRIPS - 1) / CLAIM_TRIPS)
            yield from self.log.flush()
            found.give(True)
            self.writer.give()
            self.claims.append(self.sim.now - begun)
            return found

    def finish(self, team):
        yield from self.client(FINISH_CLIENT)
        yield self.trip
        yield from self.writer.take()
        yield from team.take(True)
        yield from self.cores.use(FINISH_CPU / FINISH_TRIPS)
        yield from self.trips(FINISH_TRIPS - 1, FINISH_CPU * (FINISH_TRIPS - 1) / FINISH_TRIPS)
        yield from self.log.flush()
        team.give(True)
        self.writer.give()
        self.done += 1

    def node(self, readers):
        """Readers end one by one; the node files what has ended, then claims for all that are free."""
        ends, free = [], readers
        while True:
            if free:
                team = yield from self.claim()
                for _ in range(free):
                    heapq.heappush(ends, (self.sim.now + self.sim.about(self.reading), self.sim.rng.random(), team))
                free = 0
            if ends[0][0] > self.sim.now:
                yield ends[0][0] - self.sim.now
            while ends and ends[0][0] <= self.sim.now:
                yield from self.finish(heapq.heappop(ends)[2])
                free += 1

    def arrivals(self, rate):
        while True:
            yield self.sim.rng.expovariate(rate)
            self.pieces += 1
            if self.posted:
                self.sim.start(self.posted.pop())

    def api(self):
        """The writer of the API's node. alone: groups stop all runners; turns: one writer at a time, beside runners, alone with the teams of its
        pieces, of which the first is waited for and another ends the group if somebody works for it; free: as turns, but nobody takes turns."""
        while True:
            if not self.pieces:
                yield self.posted
            yield self.trip
            yield from self.writer.take(self.way == "alone")
            if self.way == "turns":
                yield from self.turn.take(True)
            begun, n, held = self.sim.now, 0, []
            while self.pieces and n < GROUP_PIECES and self.sim.now - begun < GROUP_TIME:
                team = self.sim.rng.choice(self.teams)
                if self.way != "alone" and team not in held and held and not team.try_alone():
                    break
                self.pieces, n = self.pieces - 1, n + 1
                if self.way != "alone" and team not in held:
                    if not held:
                        yield from team.take(True)
                    held.append(team)
                yield from self.trips(API_TRIPS, API_CPU / API_PIECES)
            yield from self.log.flush()
            for team in held:
                team.give(True)
            if self.way == "turns":
                self.turn.give(True)
            self.writer.give(self.way == "alone")
            self.alone_time += self.sim.now - begun
            self.api_done += n

    def measure(self, seconds, warm=1.0):
        self.sim.run(warm)
        self.done, self.claims, self.api_done = 0, [], 0
        cpu, log, alone = self.cores.busy, self.log.busy, self.alone_time
        self.sim.run(warm + seconds)
        claims = sorted(self.claims) or [0.0]
        return {"rate": self.done / seconds, "p50": claims[len(claims) // 2] * 1e3, "p99": claims[len(claims) * 99 // 100] * 1e3,
                "cpu": (self.cores.busy - cpu) / seconds, "log": (self.log.busy - log) / seconds,
                "alone": (self.alone_time - alone) / seconds, "api": self.api_done / API_PIECES / seconds}


def show(name, r):
    print(f"| {name} | {r['rate']:.0f} | {r['p50']:.1f} | {r['p99']:.1f} | {r['cpu']:.1f} | {100 * r['log']:.0f} % | {100 * r['alone']:.0f} % | {r['api']:.0f} |")


HEAD = "| what | batches/s | claim p50 ms | p99 ms | cores busy | log busy | API writes | jobs in/s |\n|---|---|---|---|---|---|---|---|"


def check():
    print("against bench_queue on a loaded machine (one fitted number, from the first line):")
    print("| runners x readers | measured batches/s | simulated | ratio |\n|---|---|---|---|")
    for (runners, readers), measured in MEASURED.items():
        r = Queue(runners, readers, cores=MEASURED_CORES, fsync=MEASURED_FSYNC, trip=0.03 * MS, shared_machine=True).measure(10)
        print(f"| {runners} x {readers} | {measured} | {r['rate']:.0f} | {r['rate'] / measured:.2f} |")


def scale():
    """Reading takes 0 (the queue alone), or a second a batch."""
    print("the queue alone: server of 16 cores, flush 0.5 ms, way 0.2 ms, 256 teams, 4 readers a node")
    print(HEAD)
    for nodes in (1, 4, 16, 32, 64, 128, 256):
        show(f"{nodes} nodes", Queue(nodes, 4, teams=256).measure(3))
    print("reading takes 1 s a batch, 16 readers a node, a job for each 6.25 batches comes in")
    print(HEAD)
    for nodes in (1, 4, 16, 64, 128, 256):
        show(f"{nodes} nodes", Queue(nodes, 16, reading=1.0, teams=256, api_jobs=nodes * 16 * 0.16).measure(5, warm=3))


def limits():
    """10^6 pages an hour = 278 pages/s; one batch a page at worst; documents of 6 pages: 46 jobs/s. Then ten times that."""
    for factor in (1, 4, 10):
        nodes, jobs = 20 * factor, 46 * factor
        print(f"{278 * factor} pages/s wanted ({factor} x 10^6 an hour), {nodes} nodes of 16 readers, 1 s a page, {jobs} jobs/s, 8 cores, flush 1 ms, way 0.5 ms")
        print(HEAD)
        base = {"nodes": nodes, "readers": 16, "reading": 1.0, "teams": 256, "cores": 8, "fsync": 1 * MS, "trip": 0.5 * MS, "api_jobs": jobs}
        for name, change in (("as it is", {}), ("the log flushes in no time", {"fsync": 0}), ("the way takes no time", {"trip": 0}),
                             ("64 cores", {"cores": 64}), ("API writes alone with the database", {"api": "alone"}),
                             ("API writers take no turns", {"api": "free"}), ("4 API nodes that take no turns", {"api": "free", "api_nodes": 4}),
                             ("8 teams", {"teams": 8}), ("one team", {"teams": 1})):
            show(name, Queue(**{**base, **change}).measure(5, warm=3))


if __name__ == "__main__":
    for name in sys.argv[1:] or ["check", "scale", "limits"]:
        {"check": check, "scale": scale, "limits": limits}[name]()
        print(flush=True)
