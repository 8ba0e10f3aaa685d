;; The inner loops of a Pillow-exact resize over four channels of a byte each, in any order.
;; Compiled at build time (scripts/wat-modules.ts); kernel.ts says what goes in and comes out.
;;
;; A weight of the filter has 22 fractional bits. Two taps at a time are multiplied by one
;; instruction on 16-bit lanes, so each weight w comes as its upper part (w >> 15, signed) and its
;; lower 15 bits. Weights lie in pairs of taps: [upper, upper, lower, lower], 8 bytes; an odd
;; number of taps ends with a weight of 0.
(module
  (memory (export "memory") 1)

  ;; 32-bit sums of both parts to bytes: (upper << 15 + lower + 2^21) >> 22, clamped.
  (func $rounded (param $upper v128) (param $lower v128) (result v128)
    (i32x4.shr_s
      (i32x4.add
        (i32x4.add (i32x4.shl (local.get $upper) (i32.const 15)) (local.get $lower))
        (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
      (i32.const 22)))

  ;; [rows, width, 4] at $source to [rows, $target, 4] at $to. For each target pixel $taps holds
  ;; the byte offset of its first source pixel and the number of its pairs, $weights $stride bytes.
  (func (export "across")
    (param $source i32) (param $width i32) (param $rows i32) (param $taps i32)
    (param $weights i32) (param $stride i32) (param $target i32) (param $to i32)
    (local $x i32) (local $pairs i32) (local $from i32) (local $weight i32)
    (local $both v128) (local $upper v128) (local $lower v128)
    (loop $row
      (local.set $x (i32.const 0))
      (loop $pixel
        (local.set $from (i32.add (local.get $source)
          (i32.load (i32.add (local.get $taps) (i32.shl (local.get $x) (i32.const 3))))))
        (local.set $pairs
          (i32.load offset=4 (i32.add (local.get $taps) (i32.shl (local.get $x) (i32.const 3)))))
        (local.set $weight (i32.add (local.get $weights) (i32.mul (local.get $x) (local.get $stride))))
        (local.set $upper (v128.const i32x4 0 0 0 0))
        (local.set $lower (v128.const i32x4 0 0 0 0))
        (loop $pair
          ;; The channels of two neighbours side by side, as 16-bit lanes.
          (local.set $both (i8x16.shuffle 0 16 4 16 1 16 5 16 2 16 6 16 3 16 7 16
            (v128.load64_zero (local.get $from)) (v128.const i32x4 0 0 0 0)))
          (local.set $upper (i32x4.add (local.get $upper)
            (i32x4.dot_i16x8_s (local.get $both) (v128.load32_splat (local.get $weight)))))
          (local.set $lower (i32x4.add (local.get $lower)
            (i32x4.dot_i16x8_s (local.get $both) (v128.load32_splat offset=4 (local.get $weight)))))
          (local.set $from (i32.add (local.get $from) (i32.const 8)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
          (br_if $pair (local.tee $pairs (i32.sub (local.get $pairs) (i32.const 1)))))
        (local.set $upper (call $rounded (local.get $upper) (local.get $lower)))
        (local.set $upper (i16x8.narrow_i32x4_s (local.get $upper) (local.get $upper)))
        (v128.store32_lane 0 (local.get $to)
          (i8x16.narrow_i16x8_u (local.get $upper) (local.get $upper)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $x (i32.add (local.get $x) (i32.const 1)))
        (br_if $pixel (i32.lt_u (local.get $x) (local.get $target))))
      (local.set $source (i32.add (local.get $source) (i32.shl (local.get $width) (i32.const 2))))
      (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))

  ;; One line of $bytes at $to from the lines at $source on, $pairs pairs of them. Writes whole
  ;; vectors: up to 15 bytes more.
  (func (export "down")
    (param $source i32) (param $bytes i32) (param $pairs i32) (param $weights i32) (param $to i32)
    (local $i i32) (local $from i32) (local $weight i32) (local $left i32)
    (local $a v128) (local $b v128) (local $low v128) (local $high v128)
    (local $w v128) (local $v v128)
    (local $u0 v128) (local $u1 v128) (local $u2 v128) (local $u3 v128)
    (local $l0 v128) (local $l1 v128) (local $l2 v128) (local $l3 v128)
    (loop $vector
      (local.set $from (i32.add (local.get $source) (local.get $i)))
      (local.set $weight (local.get $weights))
      (local.set $left (local.get $pairs))
      (local.set $u0 (v128.const i32x4 0 0 0 0)) (local.set $u1 (v128.const i32x4 0 0 0 0))
      (local.set $u2 (v128.const i32x4 0 0 0 0)) (local.set $u3 (v128.const i32x4 0 0 0 0))
      (local.set $l0 (v128.const i32x4 0 0 0 0)) (local.set $l1 (v128.const i32x4 0 0 0 0))
      (local.set $l2 (v128.const i32x4 0 0 0 0)) (local.set $l3 (v128.const i32x4 0 0 0 0))
      (loop $pair
        (local.set $a (v128.load (local.get $from)))
        (local.set $b (v128.load (i32.add (local.get $from) (local.get $bytes))))
        (local.set $w (v128.load32_splat (local.get $weight)))
        (local.set $v (v128.load32_splat offset=4 (local.get $weight)))
        ;; Bytes of two lines side by side.
        (local.set $low (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
          (local.get $a) (local.get $b)))
        (local.set $high (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
          (local.get $a) (local.get $b)))
        (local.set $a (i16x8.extend_low_i8x16_u (local.get $low)))
        (local.set $u0 (i32x4.add (local.get $u0) (i32x4.dot_i16x8_s (local.get $a) (local.get $w))))
        (local.set $l0 (i32x4.add (local.get $l0) (i32x4.dot_i16x8_s (local.get $a) (local.get $v))))
        (local.set $a (i16x8.extend_high_i8x16_u (local.get $low)))
        (local.set $u1 (i32x4.add (local.get $u1) (i32x4.dot_i16x8_s (local.get $a) (local.get $w))))
        (local.set $l1 (i32x4.add (local.get $l1) (i32x4.dot_i16x8_s (local.get $a) (local.get $v))))
        (local.set $a (i16x8.extend_low_i8x16_u (local.get $high)))
        (local.set $u2 (i32x4.add (local.get $u2) (i32x4.dot_i16x8_s (local.get $a) (local.get $w))))
        (local.set $l2 (i32x4.add (local.get $l2) (i32x4.dot_i16x8_s (local.get $a) (local.get $v))))
        (local.set $a (i16x8.extend_high_i8x16_u (local.get $high)))
        (local.set $u3 (i32x4.add (local.get $u3) (i32x4.dot_i16x8_s (local.get $a) (local.get $w))))
        (local.set $l3 (i32x4.add (local.get $l3) (i32x4.dot_i16x8_s (local.get $a) (local.get $v))))
        (local.set $from (i32.add (local.get $from) (i32.shl (local.get $bytes) (i32.const 1))))
        (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
        (br_if $pair (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store (i32.add (local.get $to) (local.get $i))
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (call $rounded (local.get $u0) (local.get $l0))
            (call $rounded (local.get $u1) (local.get $l1)))
          (i16x8.narrow_i32x4_s
            (call $rounded (local.get $u2) (local.get $l2))
            (call $rounded (local.get $u3) (local.get $l3)))))
      (br_if $vector
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get $bytes)))))

  ;; Averages blocks of $fx x $fy pixels of [rows, width, 4] at $source into pixels at $to; blocks
  ;; at the right and bottom border may be smaller. Pillow multiplies by a truncated reciprocal of
  ;; 24 bits; a true division rounds differently.
  (func (export "reduce")
    (param $source i32) (param $width i32) (param $rows i32) (param $fx i32) (param $fy i32)
    (param $to i32)
    (local $x i32) (local $high i32) (local $wide i32) (local $line i32) (local $i i32)
    (local $from i32) (local $pixels i32) (local $sum v128)
    (loop $row
      (local.set $high (select (local.get $fy) (local.get $rows)
        (i32.lt_u (local.get $fy) (local.get $rows))))
      (local.set $x (i32.const 0))
      (loop $block
        (local.set $wide (i32.sub (local.get $width) (local.get $x)))
        (local.set $wide (select (local.get $fx) (local.get $wide)
          (i32.lt_u (local.get $fx) (local.get $wide))))
        (local.set $sum (v128.const i32x4 0 0 0 0))
        (local.set $line (i32.const 0))
        (loop $lines
          (local.set $from (i32.add (local.get $source) (i32.shl
            (i32.add (i32.mul (local.get $line) (local.get $width)) (local.get $x)) (i32.const 2))))
          (local.set $i (local.get $wide))
          (loop $along
            (local.set $sum (i32x4.add (local.get $sum) (i32x4.extend_low_i16x8_u
              (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $from))))))
            (local.set $from (i32.add (local.get $from) (i32.const 4)))
            (br_if $along (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
          (br_if $lines (i32.lt_u
            (local.tee $line (i32.add (local.get $line) (i32.const 1))) (local.get $high))))
        (local.set $pixels (i32.mul (local.get $wide) (local.get $high)))
        (local.set $sum (i32x4.shr_u
          (i32x4.mul
            (i32x4.add (local.get $sum) (i32x4.splat (i32.shr_u (local.get $pixels) (i32.const 1))))
            (i32x4.splat (i32.trunc_f32_u (f32.div (f32.const 4294967296)
              (f32.convert_i32_u (i32.shl (local.get $pixels) (i32.const 8)))))))
          (i32.const 24)))
        (local.set $sum (i16x8.narrow_i32x4_s (local.get $sum) (local.get $sum)))
        (v128.store32_lane 0 (local.get $to)
          (i8x16.narrow_i16x8_u (local.get $sum) (local.get $sum)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (br_if $block (i32.lt_u
          (local.tee $x (i32.add (local.get $x) (local.get $fx))) (local.get $width))))
      (local.set $source (i32.add (local.get $source)
        (i32.shl (i32.mul (local.get $width) (local.get $high)) (i32.const 2))))
      (br_if $row (local.tee $rows (i32.sub (local.get $rows) (local.get $high)))))))
