# make up          installs what is missing, builds, and starts hub, base and six simulated units; ARGS="..." goes to iot up
# make build       builds the command, for debugging
# make test        runs every test
# make check       lint, imports, stub, test: what CI runs
# make nightly     compares the CPU with QEMU on 100000 random sequences, every night others (ARGS="1000 7" takes 1000 from seed 7 on), and does hil-mutants
# make sanitize    data channels with aiortc, libdatachannel and Chromium at the other end, under the thread and the address sanitizer;
#                  ARGS=thread takes that one
# make lint        the format as swift format wants it
# make imports     imports against Package.swift and the layers
# make firmware-host  builds the reference firmware as Linux processes in .build-firmware
# make hil-firmware  builds the program that hardware-in-the-loop suites flash, beside it
# make hil-mutants   tries deliberate faults of units, base and boards: each has to be caught by a suite in hil/suites
# make stub        whether the built stub loader is what its sources make
# make format      writes the format that make lint wants
# make bench       measures a thousand units through base and hub, the base alone, fleets of up to 50000 units, flashing beside
#                  esptool, the CPU beside QEMU, in whose assembly it looks for calls that cost, the outbox, data channels, and the live stream
# make soak        runs a base, a hub and 200 units for MINUTES=10, with outages, and looks whether memory and descriptors stay
# make deps        the system packages for building and testing; what needs them installs them too (also deps-build, deps-deb, deps-test)
# make peers       the Python packages that tests talk to, in a virtual environment
# make kernel      Debian's kernel, which a test boots in QEMU for the sake of its USB drivers
# make install     builds for release and installs under PREFIX=/usr/local, below DESTDIR
# make deb         builds for release and makes a Debian package in .build-deb, which runs the base as a service
# make uninstall   removes what make install has put there
# make clean       removes what was built, the virtual environment and the kernel

SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
PEERS := .build-peers
ARGS ?=
# Parts one after the other: all at once would leave each test too little of two cores.
BOARD_TESTS := FlashTests|SerialPortTests|KernelDriversTests
BASE_TESTS := BaseTests|DaemonTests
PEER_TESTS := PeerLinkTests
HIL_TESTS := HILTests
RIG_TESTS := SuitesOnRigsTests
LONG_BASE_TESTS := BaseKilledTests|BaseOutagesTests|BaseClusterTests|DebianPackageTests|ServiceUnitTests

.PHONY: up build test check nightly sanitize format lint imports firmware-host hil-firmware hil-mutants stub bench soak deps deps-build deps-deb deps-test peers kernel install deb uninstall clean help

help:
	@sed -n '1,/^$$/s/^# //p' Makefile

up: build
	@"$$(swift build --show-bin-path)/iot" up $(ARGS)

build: deps-build
	swift build --product iot

test: deps-build deps-deb deps-test peers kernel
	swift build --build-tests
	@Tests/run '$(BOARD_TESTS)' '$(PEER_TESTS)' '$(BASE_TESTS)' '$(LONG_BASE_TESTS)' '$(HIL_TESTS)' '$(RIG_TESTS)'

check: lint imports stub test

nightly: deps-build deps-test firmware-host hil-firmware
	swift build --build-tests
	@Tests/nightly $(ARGS)

sanitize: deps-build deps-test peers
	@Tests/sanitize $(ARGS)

lint:
	swift format lint --strict --parallel --configuration .swift-format --recursive Sources Tests Benchmarks Package.swift

format:
	swift format --in-place --parallel --configuration .swift-format --recursive Sources Tests Benchmarks Package.swift

imports: deps-build
	python3 .ci/imports.py

firmware-host: deps-test
	firmware-spec/reference/build host .build-firmware

hil-firmware: deps-test
	hil/firmware/build .build-firmware

hil-mutants: build firmware-host hil-firmware
	python3 hil/mutants/run.py --iot "$$(swift build --show-bin-path)/iot" $(ARGS)

stub: deps-test
	python3 firmware-spec/stub/build.py --check

MINUTES ?= 10
soak: deps-build deps-test peers
	swift build -c release --product iot
	$(PEERS)/venv/bin/python Benchmarks/soak.py --iot "$$(swift build -c release --show-bin-path)/iot" --minutes $(MINUTES)

bench: deps-build deps-test peers
	swift build -c release --product iot
	$(PEERS)/venv/bin/python Benchmarks/bench.py --iot "$$(swift build -c release --show-bin-path)/iot" $(ARGS)
	$(PEERS)/venv/bin/python Benchmarks/base.py --iot "$$(swift build -c release --show-bin-path)/iot"
	python3 Benchmarks/fleet.py --iot "$$(swift build -c release --show-bin-path)/iot"
	$(PEERS)/venv/bin/python Benchmarks/flash.py --iot "$$(swift build -c release --show-bin-path)/iot"
	swift build -c release --product lx106-bench
	python3 Benchmarks/cpu_loop.py --bench "$$(swift build -c release --show-bin-path)/lx106-bench"
	$(PEERS)/venv/bin/python Benchmarks/cpu.py --bench "$$(swift build -c release --show-bin-path)/lx106-bench"
	swift build -c release --product PeerProbe
	$(PEERS)/venv/bin/python Benchmarks/peerlink.py --probe "$$(swift build -c release --show-bin-path)/PeerProbe"
	$(PEERS)/venv/bin/python Benchmarks/live.py --iot "$$(swift build -c release --show-bin-path)/iot" \
	    --probe "$$(swift build -c release --show-bin-path)/PeerProbe"
	swift build -c release --product OutboxProbe
	folder=$$(mktemp -d) && "$$(swift build -c release --show-bin-path)/OutboxProbe" measure "$$folder"; \
	    status=$$?; rm -rf "$$folder"; exit $$status

deps: deps-build deps-deb deps-test

deps-build:
	@packaging/dependencies build

deps-deb:
	@packaging/dependencies deb

deps-test:
	@packaging/dependencies test

# The independent peers that the tests talk to, from PyPI, in a virtual environment of their own.
peers: deps-test $(PEERS)/ready

$(PEERS)/ready: Tests/Peers/requirements.txt Tests/Peers/requirements-alone.txt
	python3 -m venv --clear $(PEERS)/venv
	$(PEERS)/venv/bin/pip install --quiet --disable-pip-version-check --requirement $<
	$(PEERS)/venv/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement Tests/Peers/requirements-alone.txt
	touch $@

# Where there is no such kernel this makes nothing and says so; the test that wants it then says so too.
kernel: deps-test $(PEERS)/kernel/ready

$(PEERS)/kernel/ready: Tests/Peers/kernel/fetch
	$< $(PEERS)/kernel

# The command stands beside its resources; bin/ has a link to it.
install: deps-build
	swift build -c release --product iot
	packaging/install "$$(swift build -c release --show-bin-path)" "$(DESTDIR)$(PREFIX)" "$(PREFIX)"

deb: deps-build deps-deb
	swift build -c release --product iot
	packaging/deb "$$(swift build -c release --show-bin-path)" .build-deb

uninstall:
	rm -rf "$(DESTDIR)$(PREFIX)/lib/iot" "$(DESTDIR)$(PREFIX)/bin/iot" \
	    "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/iot" \
	    "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_iot" \
	    "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/iot.fish"

clean:
	swift package clean
	rm -rf $(PEERS) .build-deb .build-firmware
