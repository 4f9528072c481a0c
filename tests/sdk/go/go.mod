module leapocr.invalid/flows

go 1.24

require github.com/leapocr/leapocr-go v0.0.4
