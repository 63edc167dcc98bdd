"""Has the flash begin to erase all of itself, by unmodified esptool through the ROM's loader, and leaves it at that.

usage: esptool_erase_begun.py PORT
Prints the flash's status once it is at work, as one line of JSON: {"what": "busy", "is": true}.
"""

import sys

from our_stub import finding

from esptool.targets import ESP8266ROM

WRITE_ENABLE, ERASE_CHIP, READ_STATUS, BUSY = 0x06, 0xC7, 0x05, 1


def main():
    esp = ESP8266ROM(sys.argv[1], 115200)
    esp.connect()
    esp.flash_spi_attach(0)
    esp.run_spiflash_command(WRITE_ENABLE)
    esp.run_spiflash_command(ERASE_CHIP)
    finding("busy", esp.run_spiflash_command(READ_STATUS, read_bits=8) & BUSY == BUSY)


main()
