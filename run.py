#!/usr/bin/env python3
"""Start Kinetograph from a checkout, making what is missing first. Needs Python 3.11 or newer, and nothing else.

    python3 run.py [COMMAND ...]          the program; `python3 run.py --help` lists its commands
    python3 run.py test [--fast] [...]    ruff, mypy and pytest; --fast leaves out what is slow; the rest goes to pytest
    python3 run.py bench [TOPIC ...]      the benchmarks, or those named
    python3 run.py tour [FOLDER]          the editor used by keys and mouse, with pictures; --docs renews those in docs/

The first start makes `.venv` beside this file and installs the project there; a later one looks only whether that
still fits. What pip and apt say goes to `.venv/setup.log`; progress goes to standard error.
"""

from __future__ import annotations

import contextlib
import ctypes
import glob
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOG = VENV / "setup.log"
STAMP = VENV / "kinetograph-setup.json"
LOCK = ROOT / ".venv.lock"
MIN_PYTHON = (3, 11)

RUNTIME_LIST, TEST_LIST = "debian-runtime.txt", "debian-test.txt"
PYTORCH_INDEX = "https://download.pytorch.org/whl/"
# (system, has an NVIDIA card) -> the index to ask before the default one, and the ending its versions bear.
# Everywhere else the default index gives what fits: CUDA on Linux, the processor on Windows and macOS.
TORCH_SOURCES = {
    ("linux", False): (PYTORCH_INDEX + "cpu", "+cpu"),
    ("win32", True): (PYTORCH_INDEX + "cu128", "+cu128"),
}
PIP = ("-I", "-m", "pip", "--disable-pip-version-check", "--no-input")
PIP_ASK = ("--timeout", "4", "--retries", "0")  # an index that does not answer must not hold the start up
SCREEN = ("xvfb-run", "-a", "-s", "-screen 0 1920x1080x24")


class SetupFailed(Exception):
    """What is missing could not be made. `str(error)` is one sentence for a person."""


def main(arguments: list[str]) -> int:
    """Make the environment fit, then do what the arguments say; returns the exit code."""
    if sys.version_info < MIN_PYTHON:
        have, need = (".".join(map(str, version[:2])) for version in (sys.version_info, MIN_PYTHON))
        return say(f"Kinetograph needs Python {need} or newer; this is {have}. Start run.py with a newer one.")
    task, extras, lists = TASKS.get(arguments[0] if arguments else "", (None, (), (RUNTIME_LIST,)))
    try:
        prepare(set(extras), lists)
        return task(arguments[1:]) if task else start([str(PYTHON), "-P", "-m", "app", *arguments])
    except SetupFailed as error:
        return say(f"run.py: {error}")
    except OSError as error:
        return say(f"run.py: {error.filename or 'the disk'}: {error.strerror}.")
    except KeyboardInterrupt:
        return say("run.py: cancelled; the next start goes on.")


def say(sentence: str) -> int:
    """Tell the user on standard error; returns 1, the exit code of most that is told so."""
    print(sentence, file=sys.stderr, flush=True)
    return 1


# --- the environment ---------------------------------------------------------------------------------------------


def prepare(extras: set[str], lists: tuple[str, ...]) -> None:
    """Make `.venv` and the system fit; takes milliseconds where both already do."""
    fingerprint = fingerprint_of((ROOT / "pyproject.toml").read_text("utf-8"))
    if is_ready(read_stamp(), fingerprint, extras, lists):
        return
    with locked():
        stamp = read_stamp()
        if is_ready(stamp, fingerprint, extras, lists):
            return  # another start has made it meanwhile
        fits = PYTHON.exists() and stamp_fits(stamp, fingerprint, extras)
        if not fits and not works(PYTHON):
            remove_environment()
            stamp = {}
        VENV.mkdir(exist_ok=True)
        tried = stamp.get("lacking", {})
        lacking = tried | {name: mend_system(name, tried.get(name, [])) for name in lists}
        extras = extras | set(stamp.get("extras", ()))
        if not fits:
            install(extras)
        stamp = {"fingerprint": fingerprint, "root": str(ROOT), "extras": sorted(extras), "lacking": lacking}
        write_stamp(stamp | {"installed": sorted(installed())})


def fingerprint_of(pyproject: str) -> str:
    """Changes whenever something changes in pyproject.toml that pip would act on; tool settings do not count."""
    import tomllib

    tables = tomllib.loads(pyproject)
    acted_on = [tables["build-system"], tables["project"], tables["tool"]["setuptools"]]
    return hashlib.sha256(json.dumps(acted_on, sort_keys=True).encode()).hexdigest()


def read_stamp() -> dict:
    """What the last finished set-up noted; empty where there was none."""
    try:
        return dict(json.loads(STAMP.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def write_stamp(stamp: dict) -> None:
    temporary = STAMP.with_suffix(".tmp")
    temporary.write_text(json.dumps(stamp, indent=1), "utf-8")
    os.replace(temporary, STAMP)


def is_ready(stamp: dict, fingerprint: str, extras: set[str], lists: tuple[str, ...]) -> bool:
    return (
        PYTHON.exists()
        and stamp_fits(stamp, fingerprint, extras)
        and all(stamp.get("lacking", {}).get(name) == [] for name in lists)
    )


def stamp_fits(stamp: dict, fingerprint: str, extras: set[str]) -> bool:
    """Whether the environment holds this project, as it is now and where it is now, with these extras, whole."""
    same = stamp.get("fingerprint") == fingerprint and stamp.get("root") == str(ROOT)
    return same and extras <= set(stamp.get("extras", ())) and set(stamp.get("installed", ("?",))) <= installed()


def installed() -> set[str]:
    """The packages in the environment as their folders name them, version included."""
    return {folder.name for folder in package_folders()}


def package_folders() -> list[Path]:
    pattern = "Lib/site-packages" if os.name == "nt" else "lib/python3*/site-packages"
    return [path for folder in VENV.glob(pattern) for path in folder.glob("[!~]*.dist-info")]


def torn_packages() -> list[Path]:
    """The folders of packages whose installation was cut off: pip signs with INSTALLER when all files are there."""
    return [folder for folder in package_folders() if not (folder / "INSTALLER").exists()]


def works(python: Path) -> bool:
    """Whether an interpreter starts and has pip: its own Python may be gone, or its making was cut off."""
    if not python.exists() or any(folder.name.startswith("pip-") for folder in torn_packages()):
        return False
    return subprocess.run([python, "-I", "-c", "import pip"], capture_output=True, check=False).returncode == 0


def remove_environment() -> None:
    if VENV.is_symlink() or Path(sys.prefix) == VENV:
        raise SetupFailed(f"{VENV} does not work and cannot be made anew from here; remove it and start again.")
    shutil.rmtree(VENV, ignore_errors=True)
    if PYTHON.exists():
        raise SetupFailed(f"{VENV} does not work and could not be removed; remove it by hand and start again.")


def install(extras: set[str]) -> None:
    """Make the environment where there is none, and install PyTorch and the project into it."""
    if not PYTHON.exists():
        if not is_there("python:ensurepip"):
            raise SetupFailed("this Python cannot make environments; on Debian, install python3-venv and start again.")
        say("The first start makes .venv, which takes about 1.7 GB and a minute or more.")
        step("making .venv", [getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(VENV)])
    for folder in torn_packages():
        shutil.rmtree(folder)  # pip took the package for installed; now it installs it again
    requirement = torch_requirement((ROOT / "pyproject.toml").read_text("utf-8"))
    step("PyTorch", [str(PYTHON), *PIP, "install", *torch_source(requirement), requirement])
    project = f"{ROOT}[{','.join(sorted(extras))}]" if extras else str(ROOT)
    step("Kinetograph and its libraries", [str(PYTHON), *PIP, "install", "-e", project])


@contextlib.contextmanager
def locked():
    """Only one start at a time makes things; the others wait."""
    with LOCK.open("a") as lock:
        if os.name == "posix":
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another start is setting Kinetograph up; waiting for it.")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- PyTorch -----------------------------------------------------------------------------------------------------


def torch_requirement(pyproject: str) -> str:
    """The line of pyproject.toml that says which PyTorch fits."""
    import tomllib

    dependencies = tomllib.loads(pyproject)["project"]["dependencies"]
    return next(line for line in dependencies if re.match(r"torch\b(?!\w)", line))


def torch_source(requirement: str) -> list[str]:
    """The arguments that make pip take PyTorch from where this machine's build lies."""
    if any(name.startswith("torch-") for name in installed()):
        return []  # an update: what is there stays, if it fits
    index = choose_torch_index(sys.platform, has_nvidia_card(), lambda index: offered_torch(requirement, index))
    return ["--index-url", index] if index else []


def choose_torch_index(system: str, has_card: bool, offered) -> str | None:
    """The package index to take PyTorch from, or None for pip's own.

    Args:
        system: As `sys.platform` calls it.
        has_card: Whether there is an NVIDIA card.
        offered: index or None -> the newest fitting version there, "" where there is none or no answer.
    """
    index, ending = TORCH_SOURCES.get((system, has_card), (None, ""))
    if index is None or offered(None).endswith(ending):
        return None
    if offered(index).endswith(ending):
        return index
    say(f"{index} does not answer: PyTorch comes from the usual index (on Linux with CUDA, several gigabytes).")
    return None


def offered_torch(requirement: str, index: str | None) -> str:
    """The newest version of PyTorch that fits and that an index, or pip's own configuration, offers."""
    source = ["--index-url", index, *PIP_ASK] if index else []
    with contextlib.suppress(subprocess.TimeoutExpired):
        answer = subprocess.run(
            [PYTHON, *PIP, "index", "versions", "torch", *source],
            capture_output=True, text=True, check=False, timeout=30, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return newest_fitting(requirement, answer.stdout)
    return ""


def newest_fitting(requirement: str, listing: str) -> str:
    """The first version in what `pip index versions` prints (newest first) that a `>=A,<B` requirement admits."""
    at_least, below = (numbers(re.search(sign + r"\s*([\d.]+)", requirement)[1]) for sign in (">=", "<"))
    versions = re.search(r"^Available versions: (.*)$", listing, re.MULTILINE)
    for version in versions[1].split(", ") if versions else ():
        if at_least <= numbers(version.partition("+")[0]) < below:
            return version
    return ""


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def has_nvidia_card() -> bool:
    """Whether an NVIDIA card and its driver answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        answer = subprocess.run([program, "-L"], capture_output=True, text=True, check=False, timeout=15)
        return answer.returncode == 0 and "GPU 0" in answer.stdout
    return False


# --- system libraries --------------------------------------------------------------------------------------------


def mend_system(name: str, tried: list[str]) -> list[str]:
    """Install what a list in packaging/ names and the system lacks, or tell how; returns what is lacking still.

    Args:
        name: The list.
        tried: What was lacking after the last start: apt is not asked again for just that.
    """
    if not sys.platform.startswith("linux"):
        return []
    needs = read_needs((ROOT / "packaging" / name).read_text("utf-8"))
    lacking = missing(needs, is_there)
    if lacking and lacking != tried and is_debian() and os.geteuid() == 0:
        apt = ["apt-get", "-y", "-o", "DPkg::Lock::Timeout=120"]
        os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
        try:
            step("system packages, looking", [*apt, "update"])
            step("system packages", [*apt, "install", "--no-install-recommends", *lacking])
        except SetupFailed as error:
            say(f"run.py: {error}")
        lacking = missing(needs, is_there)
    if lacking:
        say(advice(lacking, needs, is_debian()))
    return lacking


def read_needs(text: str) -> dict[str, str]:
    """Package -> what shows that it is there, from a list in packaging/."""
    lines = [line.split("#")[0].split() for line in text.splitlines()]
    return dict(line for line in lines if line)


def missing(needs: dict[str, str], is_there) -> list[str]:
    """The packages whose sign `is_there` does not find, in the order of the list."""
    return [package for package, sign in needs.items() if not is_there(sign)]


def is_there(sign: str) -> bool:
    """Whether a library, a Python module, a file (with wildcards) or a command is on this machine."""
    if sign.startswith("python:"):
        importlib.invalidate_caches()
        return importlib.util.find_spec(sign.partition(":")[2]) is not None
    if sign.startswith("/"):
        return bool(glob.glob(sign))
    if ".so" not in sign:
        return shutil.which(sign) is not None
    try:
        ctypes.CDLL(sign)
    except OSError:
        return False
    return True


def is_debian() -> bool:
    return Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def advice(packages: list[str], needs: dict[str, str], on_debian: bool) -> str:
    """What to tell a user who has to install system packages by hand."""
    if on_debian:
        return f"Some system packages are missing. Install them with:\n    sudo apt-get install {' '.join(packages)}"
    signs = " ".join(needs[package] for package in packages)
    return f"Some system libraries are missing; your system's package manager has them: {signs}"


# --- steps -------------------------------------------------------------------------------------------------------


def step(title: str, command: list[str]) -> None:
    """Run one part of the set-up, with a line that shows it: rewritten on a terminal, printed once elsewhere."""
    begun, on_terminal = time.monotonic(), sys.stderr.isatty()
    line = f"Setting up Kinetograph: {title}"
    if not on_terminal:
        say(f"{line} ...")
    with LOG.open("a", encoding="utf-8", errors="replace") as log:
        log.write(f"\n{time.ctime()} $ {' '.join(command)}\n")
        log.flush()
        said_from = log.tell()
        try:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=ROOT)
        except OSError as error:
            raise SetupFailed(f"{title}: {command[0]} could not be started ({error.strerror}).") from error
        try:
            while process.poll() is None:
                if on_terminal:
                    print(f"\r{line} ... {time.monotonic() - begun:.0f} s ", end="", file=sys.stderr, flush=True)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(1.0)
        finally:
            process.terminate()  # only after Ctrl-C is it still there
            process.wait()
    if on_terminal:
        print(f"\r{' ' * (len(line) + 16)}\r", end="", file=sys.stderr, flush=True)
    if process.returncode != 0:
        said = LOG.read_bytes()[said_from:].decode("utf-8", "replace")
        raise SetupFailed(f"{title} failed: {last_error(said)} (All of it: {LOG})")


def last_error(log: str) -> str:
    """The line of a log that says best why the last step failed."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(ERROR|E|error): (?!subprocess-exited)", line)]
    return (errors or lines or ["it said nothing."])[-1]


# --- what is run -------------------------------------------------------------------------------------------------


def start(command: list[str]) -> int:
    """Become the program, where the system can do that; elsewhere wait for it."""
    if os.name == "posix":
        os.execv(command[0], command)
    return call(command)


def call(command: list[str], **how) -> int:
    """Run a command to its end and return its exit code; Ctrl-C is the command's to answer."""
    with subprocess.Popen(command, **how) as process:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                return process.wait()


def lends_screen() -> bool:
    """Whether windows have to be shown on a screen that run.py brings: there is none, and Linux can make one."""
    has_screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return sys.platform.startswith("linux") and not has_screen and shutil.which(SCREEN[0]) is not None


def run_tests(arguments: list[str]) -> int:
    """Check and test the whole project; the exit code is 0 only if all three tools agree."""
    begun = time.monotonic()
    codes = {name: call(command, cwd=ROOT) for name, command in test_commands(arguments, lends_screen()).items()}
    failed = [name for name, code in codes.items() if code != 0]
    verdict = f"not in order: {', '.join(failed)}" if failed else f"in order: {', '.join(codes)}"
    say(f"run.py test, {time.monotonic() - begun:.0f} s, {verdict}.")
    return 1 if failed else 0


def test_commands(arguments: list[str], lends_screen: bool) -> dict[str, list[str]]:
    """The tools that judge the project and their command lines, pytest last and, if need be, on a screen of its own."""
    rest = [argument for argument in arguments if argument != "--fast"]
    chosen = ["-m", "not slow"] if "--fast" in arguments else []
    python = [str(PYTHON), "-P", "-m"]
    pytest = [*python, "pytest", "-n", "2", *chosen, *rest]
    return {
        "ruff": [*python, "ruff", "check", "--quiet"],
        "mypy": [*python, "mypy", "--no-error-summary"],
        "pytest": [*SCREEN, *pytest] if lends_screen else pytest,
    }


def run_benchmarks(arguments: list[str]) -> int:
    """Run tests/benchmarks/bench_*.py, or those whose topics are named, each in a process of its own."""
    topics = sorted(path.stem.removeprefix("bench_") for path in (ROOT / "tests" / "benchmarks").glob("bench_*.py"))
    unknown = [topic for topic in arguments if topic not in topics]
    if unknown:
        say(f"run.py bench: there is no topic {unknown[0]!r}; there are {', '.join(topics) or 'none'}.")
        return 2
    environment = {"OPENBLAS_NUM_THREADS": "1"} | os.environ | {"PYTHONPATH": str(ROOT)}  # as the program has it
    codes = []
    for topic in arguments or topics:
        print(f"== {topic}", flush=True)
        program = f"from tests.benchmarks.bench_{topic} import run; run()"
        codes.append(call([str(PYTHON), "-P", "-c", program], cwd=ROOT, env=environment))
    return max(codes, default=0)


def run_tour(arguments: list[str]) -> int:
    """Use the editor as a choreographer would and take pictures; tests/tour/pictures.py knows the arguments."""
    command = tour_command(arguments, lends_screen())
    return call(command, env=os.environ | {"PYTHONPATH": str(ROOT)})


def tour_command(arguments: list[str], lends_screen: bool) -> list[str]:
    """The command line of the tour, if need be on a screen of its own."""
    tour = [str(PYTHON), "-P", "-m", "tests.tour.pictures", *arguments]
    return [*SCREEN, *tour] if lends_screen else tour


# word -> what it does, the extras of pyproject.toml it needs, the lists in packaging/ it needs
TASKS = {
    "test": (run_tests, ("dev",), (RUNTIME_LIST, TEST_LIST)),
    "bench": (run_benchmarks, ("bench",), (RUNTIME_LIST,)),
    "tour": (run_tour, ("dev",), (RUNTIME_LIST, TEST_LIST)),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
