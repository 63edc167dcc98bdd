"""A shell that stops, continues and forgets the monitor, and repairs no terminal itself."""

import fcntl
import os
import signal
import subprocess
import termios

from findings import IOT, LIMIT, finding, wait_for
from terminals import Board, Monitor, QUIT, Stream


class Shell:
    """dash at a terminal of its own: it leaves the terminal's settings as a job has left them."""

    def __init__(self):
        self.master, self.slave = os.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.screen = Stream(self.master)

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            ["dash", "-i"], stdin=self.slave, stdout=self.slave, stderr=self.slave, preexec_fn=own_terminal,
            env={**os.environ, "PS1": "ready> ", "ENV": ""})
        self.screen.expect("ready> ")

    def type(self, text):
        os.write(self.master, text if isinstance(text, bytes) else text.encode())

    def job(self):
        """The process that it has started."""
        place = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        wait_for("a job", lambda: open(place).read().split())
        return int(open(place).read().split()[0])

    def settings(self):
        return termios.tcgetattr(self.slave)

    def is_raw(self):
        return not self.settings()[3] & (termios.ICANON | termios.ECHO)


def state(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def jobs():
    board = Board()
    shell = Shell()

    def start(end=""):
        at = len(shell.screen.bytes)
        shell.type(f"'{IOT}' monitor --port '{board.link}'{end}\n")
        shell.screen.expect("Ctrl-T menu", at)
        return shell.job()

    def stop(job, by):
        at = len(shell.screen.bytes)
        os.kill(job, by)
        wait_for("the stop", lambda: state(job) == "T")
        shell.screen.expect("ready> ", at)

    def goes_on(key):
        wait_for("raw keys", shell.is_raw)
        shell.type(key)
        board.heard.expect(key)
        return True

    job = start()
    wait_for("raw keys", shell.is_raw)
    stop(job, signal.SIGTSTP)
    finding("stopped, the terminal is the shell's", shell.settings() == shell.before)
    shell.type("fg\n")
    finding("continued, keys go to the board", goes_on("a"))
    stop(job, signal.SIGSTOP)
    # A shell that repairs does this.
    termios.tcsetattr(shell.slave, termios.TCSANOW, shell.before)
    shell.type("fg\n")
    finding("after a stop that cannot be caught too", goes_on("b"))
    stop(job, signal.SIGTSTP)
    shell.type("bg\n")
    wait_for("going on", lambda: state(job) != "T")
    board.say("while away\n")
    shell.screen.expect("while away")
    finding("in the background it leaves the terminal alone", shell.settings() == shell.before)
    shell.type("fg\n")
    finding("in the foreground again", goes_on("c"))
    at = len(shell.screen.bytes)
    shell.type(QUIT)
    shell.screen.expect("ready> ", at)
    finding("it has quit, and the terminal is the shell's", shell.settings() == shell.before)

    job = start()
    wait_for("raw keys", shell.is_raw)
    stop(job, signal.SIGSTOP)
    # A shell that edits its lines has settings of its own.
    own = termios.tcgetattr(shell.slave)
    own[3] = shell.before[3] & ~termios.ECHO
    termios.tcsetattr(shell.slave, termios.TCSANOW, own)
    own = shell.settings()
    os.kill(job, signal.SIGTERM)
    os.kill(job, signal.SIGCONT)
    wait_for("its end", lambda: state(job) in (None, "Z"))
    finding("killed while it was stopped, it leaves the terminal alone", shell.settings() == own)
    termios.tcsetattr(shell.slave, termios.TCSANOW, shell.before)

    def is_noticed():
        # The shell looks at its jobs before each prompt only, and a process whose first thread has ended is not over yet.
        shell.type("\n")
        return state(job) is None

    wait_for("the shell to notice", is_noticed)

    job = start(" &")
    board.say("from behind\n")
    shell.screen.expect("from behind")
    finding("started in the background it waits for the terminal", shell.settings() == shell.before)
    shell.type("fg\n")
    finding("and has it", goes_on("d"))
    shell.type(QUIT)
    wait_for("its end", lambda: state(job) is None)
    shell.process.kill()
    shell.process.wait(LIMIT)


def signals():
    """Every signal that ends a process, but for those that it obeys in its own time."""
    board = Board()
    wrong = []
    spared = {
        signal.SIGKILL, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGCONT, signal.SIGCHLD,
        signal.SIGURG, signal.SIGWINCH, signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}
    for number in sorted(signal.valid_signals() - spared):
        # The runtime's own report of a crash would take its time.
        monitor = Monitor(board.link, environment={"SWIFT_BACKTRACE": "enable=no"}).ready()
        monitor.process.send_signal(number)
        found = [monitor.end(), monitor.is_restored()]
        if found != [-number, True]:
            wrong.append([number, found])
    finding("each ends it, and the terminal is back", wrong)
