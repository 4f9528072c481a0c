/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Keys and tokens made once with python3-cryptography; the private halves were thrown away. The
 * claims are those of 2023 to 2033 unless the name says otherwise. */
#pragma once

static const char jwks[] __attribute__((unused)) =
    "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r1\",\"use\":\"sig\",\"alg\":\"RS256\",\"n\":"
    "\"ztl1oUTfkwXagyI14DBIKHmd"
    "YzwwFBo4Q2intiYe8suzvr2sln5hU_dMgc2Pv_riIjLuIDO7utWZnx3WZQObTdY6lSxfywiCzUAHgQc8MHRSiEOd"
    "wGkfAVvaS-HuBVB7Ofv8iTjpBEESal_5GuKbDP1O9vGmT6eQ7vg7CIlxUO1kO2KAzqzkH5osshKGDEKbGAK7J1aR"
    "IVmr3dCXuAa-GqHRikn0v8di3Gqtq-Ir2uZXj-_csxf593SA-92WPs9ABnubHKLUjGI8x7RPgJV6fZq7uMuQ9Yj9"
    "uq6gMPhbwo2zDD8rdphYJ65086094BTH3T7-5mWkeW-Tq8oWI4g-UQ\",\"e\":\"AQAB\"},{\"kty\":\"EC\","
    "\"kid\":\"e"
    "1\",\"crv\":\"P-256\",\"x\":\"84KvGIgAoJeHD8QBdY653p8eN_IfiC2GI4VJEkyz5kM\",\"y\":"
    "\"IifgrGq55PV1p8Ql"
    "xHdmtRKzyAKFP2evYXOo6h8z-kI\"},{\"kty\":\"OKP\",\"kid\":\"d1\",\"crv\":\"Ed25519\",\"x\":"
    "\"AsQzHQGFX9oyo"
    "ipV0n_v8bz3qnT78yi4OmJW5mtie00\"}]}";

static const char token_rs256[] __attribute__((unused)) =
    "eyJhbGciOiAiUlMyNTYiLCAidHlwIjogIkpXVCIsICJraWQiOiAicjEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhd"
    "CI6IDE3MDAwMDAwMDB9.DCKHiBB-rv9NiumIYSqg9J7eLofzzkwDeKhoz5FPChBZ4G2LL41KMfQOFMv84izt1y4N"
    "kuwnjID-YSDSQAqIP2rNwIr88yjBP_9GcFntrm9Ewd-hJG7EwnJF7EOQnaTPyXZusOozv-Tu7Vm8pT-dDMvJNrc9"
    "5uKgDsGL1Dqgzx7Ce5ingwPlyc80I0zyXyX8tURpGXEZQ3ifh9aOA6fdB994YVCEwYEirAGQCr832rNSEqdOTz4V"
    "CJlU-pryBKZXazul5a7m8spgkU9siAG8VvZwggV3WCZ-NEHmnTXhIHfFJRPhAq1fv6l1Fxf5RSP4EhcItmvpnDTD"
    "A3JRpqfN0A";

static const char token_es256[] __attribute__((unused)) =
    "eyJhbGciOiAiRVMyNTYiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZTEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6IFsieCIsICJsZWFwb2NyIl0sICJzdWIiOiAidXNlci0xIiwgImV4cCI6IDIwMDAwMDAwM"
    "DAsICJpYXQiOiAxNzAwMDAwMDAwLCAiZW1haWwiOiAiYUBiLmV4YW1wbGUiLCAiZW1haWxfdmVyaWZpZWQiOiB0c"
    "nVlLCAidGVhbSI6ICJ0MSIsICJyb2xlIjogInZpZXdlciJ9.Py3UF-1ptkViTWCQbFIkGlsYrdZjEETO8JnjufzE"
    "l8IygnueyWXI9C4fp72ZucecwA69L1ge1TFyobXywciXxQ";

static const char token_eddsa[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZDEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhd"
    "CI6IDE3MDAwMDAwMDAsICJlbWFpbCI6ICJhQGIuZXhhbXBsZSIsICJlbWFpbF92ZXJpZmllZCI6IGZhbHNlfQ.aF"
    "1DTyrkUwXpNS7DmFDQ87Pn9o8iCqUpjKn_f6mMWp4AdovVpYImmERvMWhSE8-c4TNVQpRYoM148fqaN06UBA";

static const char token_nokid[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCJ9.eyJpc3MiOiAiaHR0cHM6Ly9pZC5leGFtcGxlIiwgImF1ZCI"
    "6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhdCI6IDE3MDAwMDAwMDB"
    "9.laLmtAK9h5fWAE8KDzR_E_wXF2X4CfuNRMcQuyNU228nXtwhMYPjv9LjtAYFNwi7ypH0rLTzaLJ8kQoWCjDRBg";

static const char token_issuer[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZDEifQ.eyJpc3MiOiAiaHR0cHM6Ly9ldmlsI"
    "iwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhdCI6IDE3M"
    "DAwMDAwMDB9.CK65aZqxPhqzDGCIIrrbOoCZerOz2FTt0t8I8_pYXg3EyeEu6MXiaO_-6SKJfxNpf-yDH36c8O0J"
    "US82JwAnCA";

static const char token_audience[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZDEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6ICJvdGhlciIsICJzdWIiOiAidXNlci0xIiwgImV4cCI6IDIwMDAwMDAwMDAsICJpYXQiO"
    "iAxNzAwMDAwMDAwfQ.kCwQl5CpV-lcwy4MsZUIqOtMpZiGprPhO5k-GV1Y-4IjoQu7WEplBqNsRDRuRnxmqwb9z4"
    "4eMic6O-jQeNiuCw";

static const char token_expired[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZDEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMTYwMDAwMDAwMCwgImlhd"
    "CI6IDE3MDAwMDAwMDB9.Z2ln0kD5uY9mQ7LmKL4JEXA1vQ6XA0s2VcQMwms8KHjSP89bAriToYJV3_kfPXArz8tL"
    "GX7veAhLCejQlS6bCA";

static const char token_noexp[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZDEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogbnVsbCwgImlhdCI6IDE3M"
    "DAwMDAwMDB9.ig_ib3UaoU0aFlXJw5EYf1VesvZxflqkjhANyOnbep7l6t-GRioDYJ4F7rMDY1rXYvGwL_YW4-gj"
    "eUmaxx7sAQ";

static const char token_nbf[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZDEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhd"
    "CI6IDE3MDAwMDAwMDAsICJuYmYiOiAxOTkwMDAwMDAwfQ.ZI_TdrdEzcK3pKP-DuCAZ9pq-mfMQAe6GUQxJMEqQl"
    "ubs5XhqS2NLpGLMbiguLZ2dHGLJPYX72RElxKzK2GLBA";

static const char token_iat[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZDEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhd"
    "CI6IDE5OTAwMDAwMDB9.thDMjBI-jENx3p4paGwpGUBqTjRNisQXTOipKnaOmbBQnLXzMtU4RnUzghLTlRJEgj86"
    "0GV6P8WouilVmo2NCg";

static const char token_nosub[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZDEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICIiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhdCI6IDE3M"
    "DAwMDAwMDB9.z7dfPbzB1F8WEgAJy2SI9JNPWaGcZdqkYDSLofBCYhAX2ORZuYvuk996GpHG6q1TZS0hmfAl7uDL"
    "NbkdaLYMBQ";

static const char token_textexp[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAiZDEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogIjIwMDAwMDAwMDAiLCAia"
    "WF0IjogMTcwMDAwMDAwMH0.35gzbgkgDzNiu9-YIdM4YqxO5EGmftBfhNWvwLo1P_TI38lnwEnFpGMrb-kdbUC9g"
    "oB9lfRpyxD3u0sJzx-HAA";

static const char token_crit[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJjcml0IjogWyJleHAiXSwgImtpZCI6ICJkMSJ9.eyJpc3M"
    "iOiAiaHR0cHM6Ly9pZC5leGFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjo"
    "gMjAwMDAwMDAwMCwgImlhdCI6IDE3MDAwMDAwMDB9.AUf2nOZbVZMMzt6L65WJmjuZInQxGQ6Ctu7WWzyKIef76j"
    "HwQ-91akMTGebmtI7xD3OQs5O-FMJ_tmYqHb6ZBA";

static const char token_wrongkid[] __attribute__((unused)) =
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAicjEifQ.eyJpc3MiOiAiaHR0cHM6Ly9pZC5le"
    "GFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhd"
    "CI6IDE3MDAwMDAwMDB9.TTP7YTiVcEzwNRM8KWrcBESKlg7A0Sm5K7IJJcxN5r6cF4QRqLXkBdizPMHWdgzCsllb"
    "lSvVnI2LUqQhphUgCg";

static const char token_none[] __attribute__((unused)) =
    "eyJhbGciOiAibm9uZSJ9.eyJpc3MiOiAiaHR0cHM6Ly9pZC5leGFtcGxlIiwgImF1ZCI6ICJsZWFwb2NyIiwgInN"
    "1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhdCI6IDE3MDAwMDAwMDB9.";

static const char token_hs256[] __attribute__((unused)) =
    "eyJhbGciOiAiSFMyNTYiLCAia2lkIjogInIxIn0.eyJpc3MiOiAiaHR0cHM6Ly9pZC5leGFtcGxlIiwgImF1ZCI6"
    "ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhdCI6IDE3MDAwMDAwMDB9"
    ".qNsSEFMJR8IMa8xtifgSxCkS_bycd_IQwINMpY0MMoo";

static const char token_confused[] __attribute__((unused)) =
    "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogImQxIn0.eyJpc3MiOiAiaHR0cHM6Ly9pZC5leGFtcGxlIiwgImF1ZCI6"
    "ICJsZWFwb2NyIiwgInN1YiI6ICJ1c2VyLTEiLCAiZXhwIjogMjAwMDAwMDAwMCwgImlhdCI6IDE3MDAwMDAwMDB9"
    ".IlYrhuD7bd-ZR64FHdv95A7kyOMZNqI2oPRa4ccul8C4LA3lwvpLo9SG4rUf7c8ROwccwjX3_pxztM-qClQAAw";
