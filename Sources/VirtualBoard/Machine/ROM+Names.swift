extension ROM {
    /// What is at an address, for messages; not all of it is emulated.
    ///
    /// Source: the symbols of Espressif's linker scripts for the ROM, but for the radio's.
    static let names: [UInt32: String] = Dictionary(
        uniqueKeysWithValues: symbols.split(whereSeparator: \.isWhitespace).map { symbol in
            let parts = symbol.split(separator: "=")
            return (0x4000_0000 | (UInt32(parts[0], radix: 16) ?? 0), String(parts[1]))
        })

    private static let symbols = """
        10=_DebugExceptionVector 20=_NMIExceptionVector 30=_KernelExceptionVector 50=_UserExceptionVector
        70=_DoubleExceptionVector 80=_ResetVector a4=_ResetHandler 42c=_start 454=_xtos_set_exception_handler
        48c=_xtos_l1int_handler 56c=_xtos_restore_intlevel 590=_xtos_cause3_handler 598=_xtos_c_wrapper_handler
        5f0=srand 600=rand 650=__muldi3 688=xthal_bcopy 6c4=xthal_memcpy 74c=xthal_copy123 814=cmd_parse
        dc0=ets_set_idle_cb dd0=ets_task e04=ets_run e24=ets_post f74=ets_intr_lock f80=ets_intr_unlock
        f88=ets_isr_attach f98=ets_isr_mask fa8=ets_isr_unmask fbc=ets_set_user_start fec=main 18a4=ets_memset
        18b4=ets_memcpy 18c4=ets_memmove 18d4=ets_memcmp 1998=mem_init 19e0=mem_free 1a14=mem_trim 1b40=mem_malloc
        1c2c=mem_calloc 1c58=mem_zalloc 1c6c=mem_realloc 1cb8=eprintf_init_buf 1d14=eprintf 1d48=eprintf_to_host
        1da0=ets_write_char 1dcc=_putc1 1f00=ets_vprintf 242c=ets_install_putc1 2438=ets_install_uart_printf
        2450=ets_install_external_printf 248c=ets_install_putc2 24cc=ets_printf 2544=ets_uart_printf
        2578=ets_external_printf 25e0=rtc_get_reset_reason 264c=software_reset 2668=rtc_set_sleep_mode
        27b8=ets_enter_sleep 2870=rtc_enter_sleep 29ec=rtc_intr_handler 2a40=ets_rtc_int_register 2a88=ets_strcpy
        2a98=ets_strncpy 2aa8=ets_strcmp 2ab8=ets_strncmp 2ac8=ets_strlen 2ad8=ets_strstr 2ae8=ets_bzero
        2af8=ets_str2macaddr 2b74=ets_char2xdigit 2bcc=ets_getc 2be8=ets_putc 2c48=ets_timer_setfn 2c64=timer_insert
        2cc4=ets_timer_arm 2d40=ets_timer_disarm 2d80=ets_timer_done 2da8=ets_timer_handler_isr 2e68=ets_timer_init
        2ecc=ets_delay_us 2f04=ets_update_cpu_frequency 2f0c=ets_get_cpu_frequency 2f34=ets_wdt_get_mode
        2fa0=ets_wdt_enable 30f0=ets_wdt_disable 3158=ets_wdt_restore 3170=ets_wdt_init 31b4=roundup2 31c0=multofup
        3230=UartConnCheck 3368=UartDwnLdProc 3538=FlashDwnLdStartMsgProc 35a0=FilePacketSendReqMsgProc
        3658=FlashDwnLdStopReqMsgProc 368c=FlashDwnLdParamCfgMsgProc 36c4=MemDwnLdStartMsgProc
        36f0=MemPacketSendReqMsgProc 377c=MemDwnLdStopReqMsgProc 37a0=UartConnectProc 37ac=UartRegWriteProc
        381c=UartRegReadProc 383c=uartAttach 38a4=uart_buff_switch 3924=uart_baudrate_detect 39d8=uart_div_modify
        3a14=Uart_Init 3b30=uart_tx_one_char 3b64=uart_rx_one_char_block 3b8c=uart_rx_one_char
        3bbc=uart_rx_intr_handler 3c30=UartRxString 3c80=send_packet 3cf4=SendMsg 3d08=recv_packet 3eac=RcvMsg
        3ec8=uart_rx_readbuff 3ef4=UartGetCmdLn 3f4c=GetUartDevice 3f58=SelectSpiFunction 40c0=SPI_sector_erase
        4174=SPI_page_program 42ac=SPI_read_data 43c8=SPI_read_status 4400=SPI_write_status 443c=SPI_write_enable
        448c=Wait_SPI_Idle 44c0=Enable_QMode 4508=Disable_QMode 4644=spi_flash_attach 4678=Cache_Read_Enable
        47f0=Cache_Read_Disable 4878=SPIUnlock 48a8=SPILock 48ec=SPIReadModeCnfig 4984=SPIEraseChip
        49b4=SPIEraseBlock 4a00=SPIEraseSector 4a4c=SPIWrite 4b1c=SPIRead 4b44=SPIEraseArea 4c2c=SPIParamCfg
        4c50=gpio_init 4cd0=gpio_output_set 4cf0=gpio_input_get 4d04=gpio_register_set 4d5c=gpio_register_get
        4d88=gpio_intr_pending 4d90=gpio_pin_intr_state_set 4dcc=gpio_intr_ack 4e28=gpio_intr_handler_register
        4e90=gpio_pin_wakeup_enable 4ed4=gpio_pin_wakeup_disable 4efc=gpio_intr_test 4f40=lldesc_build_chain
        7268=rom_i2c_readReg 729c=rom_i2c_readReg_Mask 72d8=rom_i2c_writeReg 730c=rom_i2c_writeReg_Mask
        8ea4=aes_decrypt_init 92d4=aes_decrypt 92e4=aes_decrypt_deinit 9410=aes_unwrap 94fc=base64_encode
        9648=base64_decode 97ac=md5_vector 9818=MD5Init 9834=MD5Update 9900=MD5Final a160=hmac_md5_vector
        a2cc=hmac_md5 a2ec=sha1_vector a364=SHA1Transform b584=SHA1Init b5a8=SHA1Update b648=SHA1Final
        b840=pbkdf2_sha1 b8b4=hmac_sha1_vector ba28=hmac_sha1 ba48=sha1_prf bd28=_xtos_set_interrupt_handler_arg
        bd70=_xtos_set_interrupt_handler bd84=_xtos_ints_on bda4=_xtos_ints_off bdc8=strcmp bec8=strcpy bf4c=strlen
        bfa8=strncmp c0a0=strncpy c180=__addsf3 c268=__subsf3 c3dc=__mulsf3 c4c4=__fixunssfsi c538=__adddf3
        c688=__subdf3 c8f0=__muldf3 cb94=__divdf3 ccb8=__fixdfsi cd00=__fixunsdfsi cd5c=__truncdfsf2
        cdfc=__extendsfdf2 ce60=__divdi3 d310=__udivdi3 d770=__umoddi3 dbe4=_xtos_syscall_handler
        dbf8=_xtos_p_none dbfc=_xtos_set_intlevel dc18=_xtos_set_min_intlevel dc3c=_xtos_unhandled_interrupt
        dc44=_xtos_unhandled_exception dc54=_xtos_return_from_exc dc88=__divsi3 dcf0=__umulsidi3
        dd38=xthal_get_ccount dd40=xthal_set_ccompare dd4c=xthal_get_ccompare dd58=xthal_get_interrupt
        dd60=xthal_set_intclear dd68=rc4_skip de84=bzero dea8=memcmp df48=memcpy e04c=memmove e190=memset e1e0=strstr
        e21c=__udivsi3 e268=__umodsi3 e2a4=__floatunsisf e2ac=__floatsisf e2e8=__floatunsidf e2f0=__floatsidf
        """
}
