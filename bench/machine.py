"""The machine that a benchmark runs on: its cores, the processor time and memory of a process."""

import os
import platform
import re
import resource
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")
MODEL = re.compile(r"model name\s*:\s*(.+)")
MEMORY = re.compile(r"MemTotal:\s+(\d+) kB")

# As they were before the benchmark began.
CORES = sorted(os.sched_getaffinity(0))
BUSY_BEFORE = os.getloadavg()[0]
SERVER_CORE, LOAD_CORE = 0, 1


def pin(pid: int, core: int) -> None:
    """Put a process with all its threads on one core, where there is more than one."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {CORES[core % len(CORES)]})


def processor_s(pid: int) -> float:
    """The processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mb(pid: int) -> float:
    """The resident memory of a process now, in MiB."""
    return resident_kib(pid) / 1024


def resident_kib(pid: int) -> int:
    """The resident memory of a process now, in KiB."""
    found = RESIDENT.search(Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) if found else 0


def allow_many_files() -> None:
    """As many sockets as the machine allows, for this process and those that it starts."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def described() -> str:
    """The machine in a line."""
    model = MODEL.search(Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = MEMORY.search(Path("/proc/meminfo").read_text(encoding="ascii"))
    parts = [
        f"{os.cpu_count()} × {model[1] if model else platform.machine()}",
        f"{round(int(memory[1]) / 1024**2)} GiB" if memory else "",
        f"{platform.system()} {platform.release().split('-')[0]}",
    ]
    return ", ".join(filter(None, parts))
