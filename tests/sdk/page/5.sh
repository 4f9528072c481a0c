curl -X PUT "https://s3.amazonaws.com/..." \
  --upload-file document-part1.pdf \
  -D - | grep -i etag
