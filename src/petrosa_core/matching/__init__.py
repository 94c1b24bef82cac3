"""A pure exchange: books, filters, fees, algo orders. Only the paper venue and the Binance double import it."""
