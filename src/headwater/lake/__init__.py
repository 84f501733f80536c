"""Tables on disk, one writer each, and the engines that answer questions over them."""
