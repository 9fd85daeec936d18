select cast('1e400' as double), -9223372036854775808, x'00', E'\\u0000', "a""b", 'ünïcode' from (values (1),(null)) t(a) where a is distinct from 1 -- c
/* d */